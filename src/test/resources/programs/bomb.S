# Does one thing without end: with one argument it forks, with two it writes to standard output, with three it maps
# memory, with four it makes files longer, with five it calls itself.
        .globl  _start
_start: ld      s0, 0(sp)
        li      t0, 2
        beq     s0, t0, fork
        li      t0, 3
        beq     s0, t0, write
        li      t0, 4
        beq     s0, t0, map
        li      t0, 5
        beq     s0, t0, grow
recurse:
        addi    sp, sp, -1024
        sd      ra, 0(sp)
        jal     recurse
fork:   li      a0, 17          # SIGCHLD
        li      a1, 0
        li      a7, 220         # clone
        ecall
        j       fork
write:  li      a0, 1
        li      a2, 4096
        sub     a1, sp, a2
        li      a7, 64          # write
        ecall
        j       write
map:    li      a0, 0
        li      a1, 8192
        li      a2, 3           # PROT_READ | PROT_WRITE
        li      a3, 0x8022      # MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE
        li      a4, -1
        li      a5, 0
        li      a7, 222         # mmap
        ecall
        bltz    a0, leave
        j       map
grow:   li      a0, -100        # AT_FDCWD
        lla     a1, path
        li      a2, 0x41        # O_WRONLY | O_CREAT
        li      a3, 0644
        li      a7, 56          # openat
        ecall
        mv      s1, a0
1:      mv      a0, s1
        lla     a1, _start
        li      a2, 0x100000
        li      a3, 0
        li      a7, 46          # ftruncate
        add     s2, s2, a2
        mv      a1, s2
        ecall
        beqz    a0, 1b
leave:  neg     a0, a0
        li      a7, 94          # exit_group
        ecall
        .section .rodata
path:   .asciz  "/tmp/large"
