// Privilege modes: delegation, calls, returns, and what mstatus forbids S- and U-mode.
#include "program.h"
  begin

  check 1
  enter 0
  traps CAUSE_ILLEGAL
  csrr t0, sstatus
  caught
  check 2
  enter 0
  leave CAUSE_ECALL_U
  csrr t0, mstatus
  srli t0, t0, 11
  andi t0, t0, 3
  equal t0, 0                        // MPP: it came from U-mode
  check 3
  enter MPP_S
  leave CAUSE_ECALL_S
  csrr t0, mstatus
  srli t0, t0, 11
  andi t0, t0, 3
  equal t0, 1

  .macro forbids number, bit, instruction:vararg
  check \number
  li t0, \bit
  csrs mstatus, t0
  enter MPP_S
  traps CAUSE_ILLEGAL
  \instruction
  caught
  li t0, \bit
  csrc mstatus, t0
  .endm
  forbids 10, TVM, sfence.vma
  forbids 11, TVM, csrr t0, satp
  forbids 12, TSR, sret
  forbids 13, TW, wfi
  check 14
  enter 0
  traps CAUSE_ILLEGAL
  wfi
  caught
  check 15
  csrwi mideleg, 2                   // an interrupt that is pending but masked ends the waiting
  csrwi mie, 2
  csrwi mip, 2
  enter MPP_S
  wfi
  csrwi sie, 0
  sfence.vma
  csrr t0, satp
  la t0, 1f
  csrw sepc, t0
  li t0, 1 << 8
  csrc sstatus, t0
  sret
1:
  traps CAUSE_ILLEGAL                // in U-mode now
  sret
  caught

  // A call from U-mode that is delegated.
  check 20
  li t0, 1 << CAUSE_ECALL_U
  csrw medeleg, t0
  la t0, supervisor
  csrw stvec, t0
  li t0, SIE
  csrs mstatus, t0
  li s8, 0
  enter 0
  la s7, 1f
1: ecall
  equal s8, 1

  li s2, CAUSE_ILLEGAL
  la s6, 2f
  .4byte 0
  .align 2
2:
  // What is delegated stays in M-mode when it comes from there.
  check 21
  li t0, 1 << CAUSE_BREAKPOINT
  csrw medeleg, t0
  traps CAUSE_BREAKPOINT
  ebreak
  caught
  csrw medeleg, zero

  // WARL.
  check 30
  csrr t0, misa
  li t1, (2 << 62) | 0x14112d        // 64 bits, and A, C, D, F, I, M, S, U
  and t0, t0, t1
  same t0, t1
  li t0, (12 << 60) | 5              // no such paging mode: no effect at all
  csrw satp, zero
  csrw satp, t0
  csrr t0, satp
  equal t0, 0
  csrr t0, mhartid
  equal t0, 0

  // Counters.
  check 40
  csrw mcounteren, zero
  enter MPP_S
  traps CAUSE_ILLEGAL
  rdcycle t0
  caught
  check 41
  li t0, 7
  csrw mcounteren, t0
  csrw scounteren, zero
  enter MPP_S
  rdinstret t0
  leave CAUSE_ECALL_S
  enter 0
  traps CAUSE_ILLEGAL
  rdtime t0
  caught
  check 42
  csrwi mcountinhibit, 4
  csrr t0, minstret
  nop
  csrr t1, minstret
  same t0, t1
  csrwi mcountinhibit, 0
  j passed

  .align 2
supervisor:
  addi s8, s8, 1
  csrr t0, scause
  equal t0, CAUSE_ECALL_U
  csrr t0, sepc
  same t0, s7
  csrr t0, sstatus
  andi t1, t0, 1 << 8                // SPP: from U-mode
  bnez t1, failed
  andi t1, t0, SIE                   // interrupts are off, and SPIE knows that they were on
  bnez t1, failed
  andi t1, t0, 1 << 5
  beqz t1, failed
  addi t0, s7, 4
  csrw sepc, t0
  sret
