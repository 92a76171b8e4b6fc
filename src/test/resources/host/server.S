# A process of the host's own Linux (x86-64) that does what a test tells it: system calls, loads,
# stores, instruction fetches and forks, one at a time. Test and servers share a file, the mailbox,
# of one slot a process; a futex in the slot says whose turn it is.
#
# Its address space looks like that of a riscv64 process without a program. The server is one page
# that ends where Faultline's heap begins; the mailbox lies far above riscv64's user space; all else
# from Sv39's mmap base on is one blocked area. So Linux places mappings where riscv64 would.
#
# dev.faultline.kernel.host.HostServer is the other side.

        .set MAILBOX, 0x700000000000
        .set SLOT_SHIFT, 16
        .set MAILBOX_SIZE, 17 << SLOT_SHIFT     # sixteen slots, then a page that says who asks
        .set MMAP_BASE, 0x3ff8000000
        .set USER_END, 0x7ffffffff000

# A slot
        .set TURN, 0x00                         # 1: the server's
        .set NUMBER, 0x08                       # of the system call, or one of the OWN
        .set ARGUMENTS, 0x10
        .set RESULT, 0x40
        .set SIGNAL, 0x48
        .set CODE, 0x50
        .set ADDRESS, 0x58
        .set DATA, 0x1000
        .set STACK, 0x10000                     # grows down to 0x8000

        .set OWN_LOAD, 0x1000                   # address, length: bytes to DATA
        .set OWN_STORE, 0x1001                  # address, length: bytes from DATA
        .set OWN_FETCH, 0x1002                  # address: call what is there
        .set OWN_FORK, 0x1003                   # the child's slot

        .set SYS_mmap, 9
        .set SYS_rt_sigaction, 13
        .set SYS_madvise, 28
        .set SYS_open, 2
        .set SYS_close, 3
        .set SYS_fork, 57
        .set SYS_execve, 59
        .set SYS_kill, 62
        .set SYS_capget, 125
        .set SYS_capset, 126
        .set SYS_personality, 135
        .set SYS_prctl, 157
        .set SYS_futex, 202
        .set SYS_exit_group, 231

        .set ADDR_NO_RANDOMIZE, 0x40000
        .set CAP_IPC_LOCK, 14
        .set ETIMEDOUT, 110
        .set ESRCH, 3

        .text
        .globl _start
_start: mov     $SYS_personality, %eax
        mov     $0xffffffff, %edi
        syscall
        test    $ADDR_NO_RANDOMIZE, %eax
        jnz     placed
        lea     ADDR_NO_RANDOMIZE(%rax), %edi
        mov     $SYS_personality, %eax
        syscall
        mov     (%rsp), %rcx
        lea     8(%rsp), %rsi
        lea     16(%rsp, %rcx, 8), %rdx
        lea     self(%rip), %rdi
        mov     $SYS_execve, %eax
        syscall
        jmp     leave

placed: mov     16(%rsp), %rdi                  # argv[1]: the mailbox
        mov     $2, %esi                        # O_RDWR
        mov     $SYS_open, %eax
        syscall
        test    %rax, %rax
        js      leave
        mov     %rax, %r8
        movabs  $MAILBOX, %r15
        mov     %r15, %rdi
        mov     $MAILBOX_SIZE, %esi
        mov     $3, %edx                        # PROT_READ | PROT_WRITE
        mov     $0x11, %r10d                    # MAP_SHARED | MAP_FIXED
        xor     %r9d, %r9d
        mov     $SYS_mmap, %eax
        syscall
        cmp     %r15, %rax
        jne     leave
        mov     %r8, %rdi
        mov     $SYS_close, %eax
        syscall
        lea     STACK(%r15), %rsp

        movabs  $MMAP_BASE, %rdi
        movabs  $MAILBOX - MMAP_BASE, %rsi
        call    block
        movabs  $MAILBOX + MAILBOX_SIZE, %rdi
        movabs  $USER_END - MAILBOX - MAILBOX_SIZE, %rsi
        call    block

        movl    $0x20080522, DATA(%r15)         # _LINUX_CAPABILITY_VERSION_3, of this process
        movl    $0, DATA + 4(%r15)
        mov     $SYS_capget, %eax
        call    capable
        andl    $~(1 << CAP_IPC_LOCK), DATA + 8(%r15)   # RLIMIT_MEMLOCK shall bind
        andl    $~(1 << CAP_IPC_LOCK), DATA + 12(%r15)
        mov     $SYS_capset, %eax
        call    capable

        mov     $41, %edi                       # PR_SET_THP_DISABLE
        call    set
        mov     $36, %edi                       # PR_SET_CHILD_SUBREAPER: orphans come here,
        call    set
        lea     ignore(%rip), %rsi              # and nobody has to wait for a child
        mov     $17, %edi                       # SIGCHLD
        call    action
        lea     report(%rip), %rsi
        mov     $4, %edi                        # SIGILL
        call    action
        mov     $5, %edi                        # SIGTRAP
        call    action
        mov     $7, %edi                        # SIGBUS
        call    action
        mov     $8, %edi                        # SIGFPE
        call    action
        mov     $11, %edi                       # SIGSEGV
        call    action

# Waits for the turn. Who waits long asks whether the test is still there.
serve:  cmpl    $1, TURN(%r15)
        je      asked
        lea     TURN(%r15), %rdi
        xor     %esi, %esi                      # FUTEX_WAIT
        xor     %edx, %edx
        lea     patience(%rip), %r10
        mov     $SYS_futex, %eax
        syscall
        cmp     $-ETIMEDOUT, %rax
        jne     serve
        movabs  $MAILBOX + (16 << SLOT_SHIFT), %rdi
        mov     (%rdi), %edi
        xor     %esi, %esi
        mov     $SYS_kill, %eax
        syscall
        cmp     $-ESRCH, %rax
        jne     serve
leave:  mov     $1, %edi
        mov     $SYS_exit_group, %eax
        syscall

asked:  mov     NUMBER(%r15), %rax
        mov     ARGUMENTS(%r15), %rdi
        mov     ARGUMENTS + 8(%r15), %rsi
        cmp     $OWN_LOAD, %rax
        je      load
        cmp     $OWN_STORE, %rax
        je      store
        cmp     $OWN_FETCH, %rax
        je      fetch
        cmp     $OWN_FORK, %rax
        je      fork
        mov     ARGUMENTS + 16(%r15), %rdx
        mov     ARGUMENTS + 24(%r15), %r10
        mov     ARGUMENTS + 32(%r15), %r8
        mov     ARGUMENTS + 40(%r15), %r9
        syscall

answer: mov     %rax, RESULT(%r15)
        movl    $0, TURN(%r15)
        lea     TURN(%r15), %rdi
        mov     $1, %esi                        # FUTEX_WAKE
        mov     $1, %edx
        mov     $SYS_futex, %eax
        syscall
        jmp     serve

load:   mov     %rsi, %rcx
        mov     %rdi, %rsi
        lea     DATA(%r15), %rdi
        jmp     move
store:  mov     %rsi, %rcx
        lea     DATA(%r15), %rsi
move:   rep movsb
        xor     %eax, %eax
        jmp     answer

# What is there is a ret, or zeros: they add to the byte at 0, which is never mapped.
fetch:  xor     %eax, %eax
        call    *%rdi
        xor     %eax, %eax
        jmp     answer

# The child serves its own slot from now on. The parent's may change as soon as it has answered.
fork:   mov     %rdi, %r14
        mov     $SYS_fork, %eax
        syscall
        test    %rax, %rax
        jnz     answer
        shl     $SLOT_SHIFT, %r14
        movabs  $MAILBOX, %r15
        add     %r14, %r15
        lea     STACK(%r15), %rsp
        jmp     serve

# A signal handler that never returns: it answers how many bytes are left to move. The stack tells
# the slot.
caught: lea     -1(%rsp), %r15
        and     $-(1 << SLOT_SHIFT), %r15
        mov     %edi, SIGNAL(%r15)
        mov     8(%rsi), %eax
        mov     %eax, CODE(%r15)
        mov     16(%rsi), %rax
        mov     %rax, ADDRESS(%r15)
        mov     152(%rdx), %rax                 # rcx in the ucontext
        lea     STACK(%r15), %rsp
        jmp     answer

# rdi, rsi: a range that nothing shall be placed in, and that no neighbour merges with
block:  push    %rdi
        push    %rsi
        xor     %edx, %edx                      # PROT_NONE
        mov     $0x4032, %r10d                  # MAP_PRIVATE | FIXED | ANONYMOUS | NORESERVE
        mov     $-1, %r8
        xor     %r9d, %r9d
        mov     $SYS_mmap, %eax
        syscall
        pop     %rsi
        pop     %rdi
        mov     $16, %edx                       # MADV_DONTDUMP
        mov     $SYS_madvise, %eax
        syscall
        ret

# eax: what is done to the capabilities
capable:
        lea     DATA(%r15), %rdi
        lea     DATA + 8(%r15), %rsi
        syscall
        ret

# edi: a prctl that is switched on
set:    mov     $1, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        xor     %r8d, %r8d
        mov     $SYS_prctl, %eax
        syscall
        ret

# edi, rsi: a signal and what to do about it
action: xor     %edx, %edx
        mov     $8, %r10d
        mov     $SYS_rt_sigaction, %eax
        syscall
        ret

        .balign 8
report: .quad   caught, 0x44000004, caught, 0   # SA_SIGINFO | SA_RESTORER | SA_NODEFER
ignore: .quad   1, 0x04000000, caught, 0        # SIG_IGN
patience:
        .quad   2, 0                            # seconds
self:   .asciz  "/proc/self/exe"

        .section .note.GNU-stack, "", @progbits
