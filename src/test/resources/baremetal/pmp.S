// Physical Memory Protection: the modes of matching, locking, and the walk's own reads.
#include "program.h"
  begin

  .equ OPEN, 0x1f                    // NAPOT, R W X
  la s8, page
  srli s9, s8, 2

  // Entry 0 for the page, entry 1 for all.
  .macro protect configuration, address
  csrw pmpaddr0, \address
  li t1, -1
  csrw pmpaddr1, t1
  li t0, \configuration | OPEN << 8
  csrw pmpcfg0, t0
  .endm
  .macro user bits
  li t0, MPP_M
  csrc mstatus, t0
  li t0, \bits | MPRV
  csrs mstatus, t0
  .endm
  .macro done
  li t0, MPRV
  csrc mstatus, t0
  .endm

  check 1
  protect 0x10, s9                   // NA4, nothing allowed
  lw t1, (s8)                        // M-mode is not bound
  traps CAUSE_LOAD_ACCESS
  ld t1, (s8)                        // but what matches in part fails in every mode
  caught
  user 0
  ld t1, 8(s8)
  lw t1, 4(s8)
  traps CAUSE_LOAD_ACCESS
  lw t1, (s8)
  caught
  same s4, s8
  check 2
  user 0                             // the trap has left M-mode in MPP
  traps CAUSE_LOAD_ACCESS
  ld t1, (s8)                        // matches in part
  caught
  check 3
  addi s7, s8, -4
  user 0
  traps CAUSE_STORE_ACCESS
  sd t1, (s7)
  caught
  done
  check 4
  protect 0x11, s9                   // R
  user 0
  lw t1, (s8)
  traps CAUSE_STORE_ACCESS
  sw t1, (s8)
  caught
  done
  check 5
  ori t2, s9, 1                      // NAPOT, 16 bytes
  protect 0x18, t2
  user 0
  lw t1, 16(s8)
  traps CAUSE_LOAD_ACCESS
  lw t1, 12(s8)
  caught
  done
  check 6
  li t0, 0x0800 | OPEN << 16         // entry 1: TOR from pmpaddr0
  csrw pmpcfg0, t0
  csrw pmpaddr0, s9
  addi t1, s9, 4
  csrw pmpaddr1, t1
  li t1, -1
  csrw pmpaddr2, t1
  user 0
  lw t1, -4(s8)
  lw t1, 16(s8)
  traps CAUSE_LOAD_ACCESS
  lw t1, 12(s8)
  caught
  done
  check 7                            // no entry matches: only M-mode may
  csrw pmpcfg0, zero
  ld t1, (s8)
  user 0
  traps CAUSE_LOAD_ACCESS
  ld t1, (s8)
  caught
  done
  check 8
  csrr t0, pmpcfg2
  bnez t0, failed
  traps CAUSE_ILLEGAL
  csrr t0, 0x3a1
  caught
  check 9                            // a fetch
  ori t2, s9, 0x1ff
  protect 0x1b, t2
  enter 0
  li s2, CAUSE_FETCH_ACCESS
  la s6, 2f
  jr s8
  .align 2
2:
  same s4, s8
  same s5, s8

  // The walk's own reads are those of S-mode.
  check 10
  la t0, table
  li t1, (0x80000000 >> 2) | V | R | W | X | A | D
  sd t1, 16(t0)
  srli t1, t0, 12
  li t2, SV39
  or t1, t1, t2
  csrw satp, t1
  sfence.vma
  srli t2, t0, 2
  ori t2, t2, 0x1ff
  protect 0x18, t2
  user MPP_S
  traps CAUSE_LOAD_ACCESS
  ld t1, (s8)
  caught
  same s4, s8
  done
  check 11
  li t0, -1
  csrw pmpaddr0, t0
  csrwi pmpcfg0, OPEN
  user MPP_S
  ld t1, (s8)
  done
  csrw satp, zero

  // Locked: binds M-mode too, and stays.
  check 20
  protect 0x90, s9
  traps CAUSE_LOAD_ACCESS
  lw t1, (s8)
  caught
  check 21
  csrw pmpaddr0, zero
  csrr t0, pmpaddr0
  same t0, s9
  csrw pmpcfg0, zero
  csrr t0, pmpcfg0
  equal t0, 0x90
  j passed

  .data
  .align 12
page: .zero 4096
table: .zero 4096
