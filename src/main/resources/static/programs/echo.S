# Asks for a line on standard error, writes each line that comes on standard input to standard output, and exits at the
# end of the input.
        .globl  _start
_start: addi    sp, sp, -256
1:      li      a0, 2
        lla     a1, prompt
        li      a2, 2
        li      a7, 64          # write
        ecall
        li      a0, 0
        mv      a1, sp
        li      a2, 256
        li      a7, 63          # read
        ecall
        blez    a0, 2f
        mv      a2, a0
        li      a0, 1
        mv      a1, sp
        li      a7, 64          # write
        ecall
        j       1b
2:      li      a0, 0
        li      a7, 94          # exit_group
        ecall
        .data
prompt: .ascii  "> "
