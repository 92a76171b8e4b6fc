// Each rule of the walk, in each paging mode, for loads, stores and fetches by S- and U-mode.
#include "program.h"
#include "paging.h"

  begin

  // s11: number of levels - 3
  li s11, 0
each_mode:
  check 1
  tables
  csrr t0, satp
  same t0, s10

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
  .macro reserve_and_store
  lr.d t1, (s7)
  sc.d t1, t1, (s7)
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
  faults 24, CAUSE_STORE_PAGE, MPP_S, 0, V | R | A | D, reserve_and_store
  faults 25, CAUSE_LOAD_PAGE, MPP_S, 0, V | X | A | D, ld t1, (s7)
  faults 26, CAUSE_LOAD_PAGE, MPP_S, 0, V | X | A | D, lr.d t1, (s7)
  works 27, MPP_S, MXR, V | X | A, ld t1, (s7)
  // U and SUM.
  faults 30, CAUSE_LOAD_PAGE, MPP_S, 0, LEAF | U, ld t1, (s7)
  works 31, MPP_S, SUM, LEAF | U, ld t1, (s7)
  works 32, 0, 0, LEAF | U, sd t1, (s7)
  faults 33, CAUSE_LOAD_PAGE, 0, 0, LEAF, ld t1, (s7)
  faults 34, CAUSE_LOAD_PAGE, 0, SUM, LEAF, ld t1, (s7)
  // A and D, if menvcfg.ADUE chooses who sets them; else either is right.
  li t0, 1 << 61
  csrs 0x30a, t0
  csrr t1, 0x30a
  csrc 0x30a, t0
  and t1, t1, t0
  beqz t1, marked
  // By fault.
  faults 40, CAUSE_LOAD_PAGE, MPP_S, 0, V | R | W, ld t1, (s7)
  faults 41, CAUSE_STORE_PAGE, MPP_S, 0, V | R | W | A, sd t1, (s7)
  works 42, MPP_S, 0, V | R | W | A, ld t1, (s7)
  // By hardware.
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

  fetch_faults 45, V | R | W | X
marked:
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

  // A superpage of the root, the largest there is: 1 GiB, 512 GiB, 256 TiB.
  check 66
  la s5, page
  li t4, 30
  slli t0, s11, 3
  add t4, t4, t0
  add t4, t4, s11                    // 30, 39, 48
  li t1, LEAF
  bnez s11, 1f
  li t1, (0x80000000 >> 2) | LEAF    // 1 GiB from where memory begins
  li t0, 0x7fffffff
  and s5, s5, t0
1:
  sd t1, 8(a0)                       // the root's second entry
  li s7, 1
  sll s7, s7, t4
  add s7, s7, s5
  sfence.vma
  as MPP_S, 0
  ld t5, (s7)
  done
  same t5, t3                        // what was stored there by its physical address
  check 67
  li t0, 1 << 10
  ld t1, 8(a0)
  or t1, t1, t0
  sd t1, 8(a0)
  sfence.vma
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  done
  same s4, s7
  sd zero, 8(a0)
  sfence.vma
  li s7, PAGE

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
  fetch_faults 71, V | R | W | A | D
  fetch_faults 72, LEAF | U          // S-mode never executes user pages
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

  addi s11, s11, 1
  li t0, 3
  blt s11, t0, each_mode
  csrw satp, zero
  j passed

  paging_data
