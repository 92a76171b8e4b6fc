// What the TLB shows in this machine, whose rows live until a fence that means them, a row that
// takes their place, or the end: a stale entry is used. (Another may forget a row at any time, as
// QEMU does at every fence.)
#include "program.h"
#include "paging.h"

  begin

  // The page is in the TLB, and its entry says nothing any more.
  .macro stale bits
  entry \bits
  as MPP_S, 0
  ld t1, (s7)
  done
  sd zero, SLOT(s8)
  .endm
  .macro lives
  as MPP_S, 0
  ld t1, (s7)
  done
  .endm
  .macro gone
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  done
  same s4, s7
  .endm

  li s11, 0
each_mode:
  tables
  la t0, zeros
  ld s0, (t0)                        // ASID 0, by a register that is not x0

  check 1
  stale LEAF
  lives
  li t0, PAGE + 0x1000
  sfence.vma t0                      // another page
  lives
  li t0, 7
  sfence.vma zero, t0                // another address space
  lives
  li t0, 7
  sfence.vma s7, t0
  lives
  check 2
  sfence.vma s7
  gone
  check 3
  stale LEAF
  sfence.vma s7, s0
  gone
  check 4
  stale LEAF
  sfence.vma zero, s0
  gone
  check 5
  stale LEAF
  sfence.vma
  gone

  // Global ones survive a fence for an address space, and no other.
  check 10
  stale LEAF | G
  sfence.vma s7, s0
  lives
  sfence.vma zero, s0
  lives
  sfence.vma s7, zero
  gone
  check 11
  stale LEAF | G
  sfence.vma
  gone

  // Another ASID sees what is global and nothing else; satp alone drops nothing.
  check 20
  li t0, 5 << 44
  or a1, s10, t0
  stale LEAF
  csrw satp, a1
  gone
  csrw satp, s10
  lives
  sfence.vma
  check 21
  stale LEAF | G
  csrw satp, a1
  lives
  li t0, 5
  sfence.vma s7, t0
  lives
  csrw satp, s10
  sfence.vma
  // A fence for the other address space leaves this one alone.
  check 22
  stale LEAF
  li t0, 5
  sfence.vma s7, t0
  lives
  sfence.vma

  // A superpage goes with a fence for any address in it.
  check 30
  la t0, table2
  li t1, (0x80000000 >> 2) | LEAF
  sd t1, (t0)
  sfence.vma
  lives
  la t0, table2
  sd zero, (t0)
  lives
  li t0, PAGE + 0x100000
  sfence.vma t0
  gone
  la t0, table2
  srli t1, s8, 12
  slli t1, t1, 10
  ori t1, t1, V
  sd t1, (t0)
  sfence.vma

  // More rights in the entry are seen at once where a row forbids too much: never, but D is.
  check 40
  entry V | R | W | A
  lives
  li t0, LEAF
  or t0, t0, s9
  sd t0, SLOT(s8)
  as MPP_S, 0
  sd t1, (s7)
  done
  check 41
  entry V | R | A | D
  lives
  li t0, LEAF
  or t0, t0, s9
  sd t0, SLOT(s8)
  as MPP_S, 0
  traps CAUSE_STORE_PAGE
  sd t1, (s7)
  caught
  done
  sfence.vma s7
  as MPP_S, 0
  sd t1, (s7)
  done

  addi s11, s11, 1
  li t0, 3
  blt s11, t0, each_mode
  csrw satp, zero
  j passed

  .data
zeros: .dword 0
  paging_data
