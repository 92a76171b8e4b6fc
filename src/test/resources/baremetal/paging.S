// Each rule of the walk, in each paging mode, for loads, stores and fetches by S- and U-mode.
// Data accesses are made from M-mode with MPRV.
#include "program.h"

  begin

  .equ PAGE, 0x5000                  // an address that table 0 translates
  .equ SLOT, 8 * 5
  .equ LEAF, V | R | W | X | A | D

  // s11: number of levels - 3
  li s11, 0
each_mode:
  // Identity for this program, then a chain of tables for the low addresses.
  la t0, table3                      // the level-2 table
  la t1, table2
  la t2, table1
  srli t3, t1, 12
  slli t3, t3, 10
  ori t3, t3, V
  sd t3, (t0)
  srli t3, t2, 12
  slli t3, t3, 10
  ori t3, t3, V
  sd t3, (t1)
  li t3, (0x80000000 >> 2) | LEAF
  sd t3, 16(t0)
  // Above it, as many tables as the mode has more.
  la t1, table4
  srli t3, t0, 12
  slli t3, t3, 10
  ori t3, t3, V
  sd t3, (t1)
  la t2, table5
  srli t3, t1, 12
  slli t3, t3, 10
  ori t3, t3, V
  sd t3, (t2)
  beqz s11, 1f
  mv t0, t1
  li t4, 1
  beq s11, t4, 1f
  mv t0, t2
1:
  srli t0, t0, 12
  addi t1, s11, 8
  slli t1, t1, 60
  or s10, t0, t1
  csrw satp, s10
  csrr t0, satp
  check 1
  same t0, s10
  sfence.vma
  la s8, table1
  la s9, page
  srli s9, s9, 2                     // the page's number in an entry's place
  li s7, PAGE

  .macro entry bits
  li t0, \bits
  or t0, t0, s9
  sd t0, SLOT(s8)
  sfence.vma
  .endm

  // As MPRV accesses of a mode (MPP_S or 0), with bits of mstatus set.
  .macro as mode, bits
  li t0, MPP_M | SUM | MXR
  csrc mstatus, t0
  li t0, \mode | \bits | MPRV
  csrs mstatus, t0
  .endm
  .macro done
  li t0, MPRV
  csrc mstatus, t0
  .endm

  .macro works number, mode, bits, pte, access:vararg
  check \number
  entry \pte
  as \mode, \bits
  \access
  done
  .endm
  .macro faults number, cause, mode, bits, pte, access:vararg
  check \number
  entry \pte
  as \mode, \bits
  traps \cause
  \access
  caught
  done
  same s4, s7
  .endm

  // V, W without R, reserved bits.
  faults 10, CAUSE_LOAD_PAGE, MPP_S, 0, 0, ld t1, (s7)
  faults 11, CAUSE_STORE_PAGE, MPP_S, 0, R | W | A | D, sd t1, (s7)
  faults 12, CAUSE_LOAD_PAGE, MPP_S, 0, V | W | A | D, ld t1, (s7)
  faults 13, CAUSE_LOAD_PAGE, MPP_S, 0, V | W | X | A | D, ld t1, (s7)
  faults 14, CAUSE_LOAD_PAGE, MPP_S, 0, LEAF | 1 << 54, ld t1, (s7)
  faults 15, CAUSE_LOAD_PAGE, MPP_S, 0, LEAF | 1 << 60, ld t1, (s7)
  faults 16, CAUSE_LOAD_PAGE, MPP_S, 0, LEAF | 1 << 61, ld t1, (s7)
  faults 17, CAUSE_LOAD_PAGE, MPP_S, 0, LEAF | 1 << 63, ld t1, (s7)
  // A pointer in the last table.
  faults 18, CAUSE_LOAD_PAGE, MPP_S, 0, V, ld t1, (s7)
  // R, W, X and MXR.
  works 20, MPP_S, 0, LEAF, ld t1, (s7)
  works 21, MPP_S, 0, V | R | A, ld t1, (s7)
  faults 22, CAUSE_STORE_PAGE, MPP_S, 0, V | R | A | D, sd t1, (s7)
  faults 23, CAUSE_STORE_PAGE, MPP_S, 0, V | R | A | D, amoadd.d t1, t1, (s7)
  faults 24, CAUSE_STORE_PAGE, MPP_S, 0, V | R | A | D, sc.d t1, t1, (s7)
  faults 25, CAUSE_LOAD_PAGE, MPP_S, 0, V | X | A | D, ld t1, (s7)
  faults 26, CAUSE_LOAD_PAGE, MPP_S, 0, V | X | A | D, lr.d t1, (s7)
  works 27, MPP_S, MXR, V | X | A, ld t1, (s7)
  // U and SUM.
  faults 30, CAUSE_LOAD_PAGE, MPP_S, 0, LEAF | U, ld t1, (s7)
  works 31, MPP_S, SUM, LEAF | U, ld t1, (s7)
  works 32, 0, 0, LEAF | U, sd t1, (s7)
  faults 33, CAUSE_LOAD_PAGE, 0, 0, LEAF, ld t1, (s7)
  faults 34, CAUSE_LOAD_PAGE, 0, SUM, LEAF, ld t1, (s7)
  // A and D, by fault.
  faults 40, CAUSE_LOAD_PAGE, MPP_S, 0, V | R | W, ld t1, (s7)
  faults 41, CAUSE_STORE_PAGE, MPP_S, 0, V | R | W | A, sd t1, (s7)
  works 42, MPP_S, 0, V | R | W | A, ld t1, (s7)
  // A and D, by hardware (menvcfg.ADUE).
  li t0, 1 << 61
  csrs 0x30a, t0
  works 43, MPP_S, 0, V | R | W, ld t1, (s7)
  ld t0, SLOT(s8)
  andi t0, t0, A | D
  equal t0, A
  as MPP_S, 0
  sd t1, (s7)
  done
  ld t0, SLOT(s8)
  andi t0, t0, A | D
  equal t0, A | D
  li t0, 1 << 61
  csrc 0x30a, t0
  // A store that faults for another reason sets nothing.
  faults 44, CAUSE_STORE_PAGE, MPP_S, 0, V | R, sd t1, (s7)
  ld t0, SLOT(s8)
  andi t0, t0, A | D
  equal t0, 0

  // A misaligned access whose second page faults: nothing is stored, and the second page is told.
  check 50
  entry LEAF
  li s7, PAGE + 0xffc
  la t0, page + 0xffc
  sw zero, (t0)
  li t1, -1
  as MPP_S, 0
  traps CAUSE_STORE_PAGE
  sd t1, (s7)
  caught
  done
  li t0, PAGE + 0x1000
  same s4, t0
  la t0, page + 0xffc
  lw t0, (t0)
  bnez t0, failed
  li s7, PAGE

  // Not canonical.
  check 51
  li s7, 1 << 62
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  same s4, s7
  check 52
  li t2, 38
  slli t0, s11, 3
  add t2, t2, t0
  add t2, t2, s11                    // 38, 47, 56: the first address that is not canonical
  li s7, 1
  sll s7, s7, t2
  as MPP_S, 0                        // the trap has left M-mode in MPP
  traps CAUSE_STORE_PAGE
  sd t1, (s7)
  caught
  done
  same s4, s7
  li s7, PAGE

  // Pointers with A, D or U; misaligned superpages; superpages.
  .macro pointer number, bits
  check \number
  la t0, table2
  ld s3, (t0)
  ori t1, s3, \bits
  sd t1, (t0)
  sfence.vma
  mv s0, s3
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  done
  la t0, table2
  sd s0, (t0)
  .endm
  entry LEAF
  pointer 60, A
  pointer 61, D
  pointer 62, U
  check 63
  la t0, table2
  ld s0, (t0)
  li t1, (0x80000000 >> 2) | LEAF | 1 << 10
  sd t1, (t0)
  sfence.vma
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  done
  check 64
  la t0, table2
  li t1, (0x80000000 >> 2) | LEAF
  sd t1, (t0)
  sfence.vma
  la t1, page
  li t2, 0x7fffffff
  and t1, t1, t2                     // 2 MiB at 0 show what is at 0x80000000
  li t3, 0x1234567
  la t2, page
  sd t3, (t2)
  as MPP_S, 0
  ld t4, (t1)
  done
  same t3, t4
  la t0, table2
  sd s0, (t0)
  sfence.vma

  // A table that is not memory: an access fault.
  check 65
  la t0, table2
  li t1, V | 1 << 20
  sd t1, (t0)
  sfence.vma
  as MPP_S, 0
  traps CAUSE_STORE_ACCESS
  sd t1, (s7)
  caught
  done
  same s4, s7
  la t0, table2
  sd s0, (t0)
  sfence.vma

  // Fetches.
  check 70
  la t0, page
  li t1, 0x00000073                  // ecall
  sw t1, (t0)
  entry LEAF
  enter MPP_S
  li s2, CAUSE_ECALL_S
  la s6, 1f
  jr s7
  .align 2
1:
  same s5, s7
  .macro fetch_faults number, pte
  check \number
  entry \pte
  enter MPP_S
  li s2, CAUSE_FETCH_PAGE
  la s6, 1f
  jr s7
  .align 2
1:
  same s4, s7
  same s5, s7
  .endm
  fetch_faults 71, V | R | W | A | D
  fetch_faults 72, LEAF | U          // S-mode never executes user pages
  fetch_faults 73, V | R | W | X
  // Across a page: the second half faults.
  check 74
  entry LEAF
  la t0, page + 0xffe
  li t1, 0x0073
  sh t1, (t0)
  enter MPP_S
  li s2, CAUSE_FETCH_PAGE
  la s6, 1f
  li t0, PAGE + 0xffe
  jr t0
  .align 2
1:
  li t0, PAGE + 0x1000
  same s4, t0
  li t0, PAGE + 0xffe
  same s5, t0
  // The same, with the second page there.
  check 75
  la t0, page + 0x1000
  sh zero, (t0)
  li t0, LEAF | 1 << 10
  add t0, t0, s9
  sd t0, SLOT + 8(s8)
  sfence.vma
  enter MPP_S
  li s2, CAUSE_ECALL_S
  la s6, 1f
  li t0, PAGE + 0xffe
  jr t0
  .align 2
1:
  sd zero, SLOT + 8(s8)

  // Stale entries live until a fence that means them.
  check 80
  entry LEAF
  as MPP_S, 0
  ld t1, (s7)
  done
  sd zero, SLOT(s8)
  as MPP_S, 0
  ld t1, (s7)
  done
  li t0, PAGE + 0x1000
  sfence.vma t0                      // another page
  li t0, 7
  sfence.vma zero, t0                // another address space
  as MPP_S, 0
  ld t1, (s7)
  traps CAUSE_LOAD_PAGE
  sfence.vma s7
  ld t1, (s7)
  caught
  done
  // Global ones survive a fence for their address space.
  check 81
  entry LEAF | G
  as MPP_S, 0
  ld t1, (s7)
  done
  sd zero, SLOT(s8)
  sfence.vma s7, zero
  entry LEAF | G
  as MPP_S, 0
  ld t1, (s7)
  done
  sd zero, SLOT(s8)
  li t0, 0
  la t0, zeros
  ld t0, (t0)
  sfence.vma s7, t0                  // ASID 0, by a register
  as MPP_S, 0
  ld t1, (s7)
  done
  sfence.vma
  // Another ASID does not see what is not global.
  check 82
  entry LEAF
  as MPP_S, 0
  ld t1, (s7)
  done
  sd zero, SLOT(s8)
  li t0, 5 << 44
  or t0, t0, s10
  csrw satp, t0
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  done
  csrw satp, s10
  as MPP_S, 0
  ld t1, (s7)
  done
  sfence.vma

  addi s11, s11, 1
  li t0, 3
  blt s11, t0, each_mode
  csrw satp, zero
  j passed

  .data
zeros: .dword 0
  .align 12
page: .zero 8192
table1: .zero 4096
table2: .zero 4096
table3: .zero 4096
table4: .zero 4096
table5: .zero 4096
