# Maps eight pages and writes to one after another: a page fault each, and a dot to standard output. Then it reads them
# all again, without any fault, and says so.
        .globl  _start
_start: li      a0, 0
        li      a1, 8 * 4096
        li      a2, 3           # PROT_READ | PROT_WRITE
        li      a3, 0x22        # MAP_PRIVATE | MAP_ANONYMOUS
        li      a4, -1
        li      a5, 0
        li      a7, 222         # mmap
        ecall
        bltz    a0, fail
        mv      s0, a0          # the page it is at
        li      s1, 8
        mv      s2, s0          # the first one
        li      s3, 4096
touch:  sd      s1, 0(s0)
        li      a0, 1
        lla     a1, dot
        li      a2, 1
        li      a7, 64          # write
        ecall
        add     s0, s0, s3
        addi    s1, s1, -1
        bnez    s1, touch
again:  sub     s0, s0, s3
        ld      t0, 0(s0)
        bne     s0, s2, again
        li      a0, 1
        lla     a1, text
        li      a2, 22
        li      a7, 64          # write
        ecall
        li      a0, 0
leave:  li      a7, 94          # exit_group
        ecall
fail:   li      a0, 1
        j       leave
        .data
dot:    .ascii  "."
text:   .ascii  " and eight reads free\n"
