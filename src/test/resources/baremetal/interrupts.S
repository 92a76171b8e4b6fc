// Timer and software interrupts, direct and vectored, in M-mode and delegated.
#include "program.h"

  .equ MSIP, 0x2000000
  .equ MTIMECMP, 0x2004000
  .equ MTIME, 0x200bff8
  .equ TIMER, 7
  .equ INTERRUPT, 1 << 63

  begin

  // The timer, not before mtime reaches mtimecmp.
  check 1
  li t0, 1 << TIMER
  csrw mie, t0
  li s7, MTIMECMP
  li t1, MTIME
  li s2, INTERRUPT | TIMER
  la s6, 1f
  ld t0, (t1)
  addi t0, t0, 100
  sd t0, (s7)
  csrsi mstatus, MIE
  li s8, 0
2:
  addi s8, s8, 1
  j 2b
  .align 2
1:
  li t1, MTIME
  ld t2, (t1)
  ld t3, (s7)
  bltu t2, t3, failed
  check 2
  csrr t0, mip
  andi t0, t0, 1 << TIMER
  beqz t0, failed
  li t0, -1
  sd t0, (s7)
  csrr t0, mip
  andi t0, t0, 1 << TIMER
  bnez t0, failed

  // Not while it is masked; as soon as it is not.
  check 3
  csrci mstatus, MIE
  sd zero, (s7)
  nop
  la s7, 2f
  li s2, INTERRUPT | TIMER
  la s6, 1f
  csrsi mstatus, MIE
2:
  j failed
  .align 2
1:
  same s5, s7
  li t0, MTIMECMP
  li t1, -1
  sd t1, (t0)

  // Software, vectored.
  check 10
  la t0, vectors + 1
  csrw mtvec, t0
  li t0, 1 << 3
  csrw mie, t0
  li t0, MSIP
  li t1, 1
  la s6, 1f
  csrsi mstatus, MIE
  sw t1, (t0)
  j failed
  .align 2
1:
  equal s8, 3
  li t0, MSIP
  sw zero, (t0)
  // An exception goes to the base even so.
  check 11
  la s6, 1f
  ecall
  .align 2
1:
  equal s8, 0
  la t0, trapped
  csrw mtvec, t0

  // Delegated: masked in M-mode whatever SIE says, taken in S-mode.
  check 20
  csrwi mideleg, 2
  csrwi mie, 2
  la t0, supervisor
  csrw stvec, t0
  csrwi mip, 2
  csrsi mstatus, MIE | SIE
  nop
  li s8, 0
  la s7, 98f
  enter MPP_S
  equal s8, 1
  csrr t0, sip
  bnez t0, failed
  // From U-mode it is taken even with SIE clear.
  check 21
  csrci sstatus, SIE
  csrwi sip, 2
  equal s8, 1
  la t0, 1f
  mv s7, t0
  csrw sepc, t0
  li t0, 1 << 8
  csrc sstatus, t0
  sret
1:
  equal s8, 2

  // Firmware gives S-mode its timer by mip.STIP, which S-mode sees and cannot clear.
  check 30
  li s2, CAUSE_ECALL_U
  la s6, 1f
  ecall
  .align 2
1:
  csrci mstatus, SIE
  li t0, 0x22                        // SSI and STI
  csrw mideleg, t0
  csrw mie, t0
  csrw mip, t0
  enter MPP_S
  csrr t0, sip
  equal t0, 0x22
  csrw sip, zero
  csrr t0, sip
  equal t0, 0x20                     // SSIP is S-mode's own, STIP is not
  csrr t0, sie
  equal t0, 0x22
  // Both at once: software before the timer.
  check 31
  csrwi sip, 2
  li s8, 0
  csrsi sstatus, SIE
  equal s8, 2
  j passed

  .align 2
supervisor:
  addi s8, s8, 1
  csrr t0, scause
  slli t2, t0, 1
  addi t2, t2, -10                   // 5: the timer's
  beqz t2, timer
  li t1, INTERRUPT | 1
  same t0, t1
  csrci sip, 2
  sret
timer:
  equal s8, 2                        // comes second
  csrw sie, zero
  sret

  .align 8
vectors:
  .option push
  .option norvc
  j 1f
  j failed
  j failed
  j 2f
  .option pop
1:
  li s8, 0
  jr s6
2:
  li s8, 3
  jr s6
