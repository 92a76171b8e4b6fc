# Writes what it finds on its stack, from the stack pointer to the top, to standard output. Its bss begins in the
# middle of a page with data and goes on for another: it exits with 1 if a byte of it is not zero.
        .globl  _start
_start: mv      s0, sp
        lla     t0, bss
        lla     t1, end
1:      ld      t2, 0(t0)
        bnez    t2, 3f
        addi    t0, t0, 8
        bltu    t0, t1, 1b
        li      s1, 1
        slli    s1, s1, 38      # the stack's top
        li      a0, 1
        mv      a1, s0
        sub     a2, s1, s0
        li      a7, 64          # write
        ecall
        li      a0, 0
2:      li      a7, 94          # exit_group
        ecall
3:      li      a0, 1
        j       2b
        .data
        .quad   -1, -1, -1
        .bss
        .balign 8
bss:    .zero   6000
end:
