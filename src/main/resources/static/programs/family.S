# Forks a child that writes "child\n" into a pipe and exits with 3; reads that, waits, and writes it to standard
# output. Exits with the child's status.
        .globl  _start
_start: addi    sp, sp, -64
        mv      a0, sp
        li      a1, 0
        li      a7, 59          # pipe2
        ecall
        li      a0, 17          # SIGCHLD
        li      a1, 0
        li      a2, 0
        li      a3, 0
        li      a4, 0
        li      a7, 220         # clone
        ecall
        beqz    a0, child
        mv      s0, a0
        lw      a0, 0(sp)
        addi    a1, sp, 16
        li      a2, 16
        li      a7, 63          # read
        ecall
        mv      s1, a0
        mv      a0, s0
        addi    a1, sp, 8
        li      a2, 0
        li      a3, 0
        li      a7, 260         # wait4
        ecall
        bne     a0, s0, fail
        li      a0, 1
        addi    a1, sp, 16
        mv      a2, s1
        li      a7, 64          # write
        ecall
        lw      a0, 8(sp)
        srli    a0, a0, 8
leave:  li      a7, 94          # exit_group
        ecall
child:  lw      a0, 4(sp)
        lla     a1, text
        li      a2, 6
        li      a7, 64          # write
        ecall
        li      a0, 3
        j       leave
fail:   li      a0, 99
        j       leave
        .section .rodata
text:   .ascii  "child\n"
