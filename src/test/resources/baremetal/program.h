// What each program begins and ends with. A check that fails reports its number to the host.
//
// A trap to M-mode is expected, with a cause that the program has put into s2 (-1: none); the
// handler leaves cause, value and pc in s3, s4 and s5 and goes on at s6, in M-mode, with mstatus as
// the trap left it. Programs that handle traps in S-mode set stvec themselves.

#define CAUSE_FETCH_MISALIGNED 0
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ILLEGAL 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_LOAD_MISALIGNED 4
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS 7
#define CAUSE_ECALL_U 8
#define CAUSE_ECALL_S 9
#define CAUSE_ECALL_M 11
#define CAUSE_FETCH_PAGE 12
#define CAUSE_LOAD_PAGE 13
#define CAUSE_STORE_PAGE 15

#define MPP_S (1 << 11)
#define MPP_M (3 << 11)
#define FS_INITIAL (1 << 13)
#define MPRV (1 << 17)
#define SUM (1 << 18)
#define MXR (1 << 19)
#define TVM (1 << 20)
#define TW (1 << 21)
#define TSR (1 << 22)
#define MIE (1 << 3)
#define SIE (1 << 1)

#define V 1
#define R 2
#define W 4
#define X 8
#define U 16
#define G 32
#define A 64
#define D 128

#define SV39 (8 << 60)

  .macro begin
  .section .text.start, "ax"
  .globl _start
_start:
  la t0, trapped
  csrw mtvec, t0
  li s2, -1
  // PMP entry 0: everybody may do everything.
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  li s1, 0
  j main

  .align 2
trapped:
  csrr s3, mcause
  csrr s4, mtval
  csrr s5, mepc
  bne s3, s2, failed
  li s2, -1
  jr s6

failed:
  slli s1, s1, 1
  ori s1, s1, 1
  j tell
passed:
  li s1, 1
tell:
  la t0, tohost
  sd s1, 0(t0)
1:
  j 1b

  .section .host, "aw"
  .align 6
  .globl tohost
tohost: .dword 0
  .size tohost, 8
  .align 6
  .globl fromhost
fromhost: .dword 0
  .size fromhost, 8

  .text
main:
  .endm

  // The number of the check that follows.
  .macro check number
  li s1, \number
  .endm

  .macro equal register, value
  li t6, \value
  bne \register, t6, failed
  .endm

  .macro same register, other
  bne \register, \other, failed
  .endm

  // What follows up to `caught` must trap to M-mode with this cause.
  .macro traps cause
  li s2, \cause
  la s6, 99f
  .endm

  .macro caught
  j failed
  .align 2
99:
  .endm

  // Goes on in U-mode or S-mode (previous: 0 or MPP_S).
  .macro enter previous
  li t0, MPP_M
  csrc mstatus, t0
  li t0, \previous
  csrs mstatus, t0
  la t0, 98f
  csrw mepc, t0
  mret
98:
  .endm

  // Back to M-mode from any mode whose calls are not delegated.
  .macro leave cause
  li s2, \cause
  la s6, 97f
  ecall
  .align 2
97:
  .endm
