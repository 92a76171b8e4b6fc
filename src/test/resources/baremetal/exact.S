// What the manual says and QEMU 7.2 does otherwise (said in brackets), and what the manual leaves
// open and docs/limits.md says of this machine.
#include "program.h"
#include "paging.h"

  begin

  // MPP is never read as 2, which is no mode (QEMU: it is): it stays as it was.
  check 1
  li t0, MPP_M
  csrs mstatus, t0
  li t0, 1 << 11
  csrc mstatus, t0
  csrr t0, mstatus
  srli t0, t0, 11
  andi t0, t0, 3
  equal t0, 3
  // A call from M-mode is never delegated (QEMU: medeleg says so).
  check 2
  li t0, -1
  csrw medeleg, t0
  csrr t0, medeleg
  li t1, 0xb3ff
  same t0, t1
  csrw medeleg, zero
  // misa is fixed; this one has no H.
  check 3
  csrw misa, zero
  csrr t0, misa
  li t1, (2 << 62) | 0x14112d
  same t0, t1
  // The reserved modes of mtvec: the lower bit is taken.
  check 4
  csrr s7, mtvec
  la t0, trapped + 3
  csrw mtvec, t0
  csrr t0, mtvec
  la t1, trapped + 1
  same t0, t1
  csrw mtvec, s7
  // mepc has no lowest bit (QEMU: it has).
  li t0, -1
  csrw mepc, t0
  csrr t0, mepc
  equal t0, -2
  // The breakpoint's address is told, which is allowed but not asked for.
  check 5
  traps CAUSE_BREAKPOINT
  la s7, 1f
1: ebreak
  caught
  same s4, s7
  // minstret counts each instruction; writing it takes the place of counting (QEMU: by the clock).
  check 6
  csrwi minstret, 0
  csrr t0, minstret
  equal t0, 0
  csrr t0, minstret
  csrr t1, minstret
  addi t0, t0, 1
  same t0, t1

  // SC looks at its address before the reservation (QEMU: it fails first); atomics are aligned, and
  // fault as stores (QEMU: as loads).
  check 10
  la s7, page + 0xffd
  traps CAUSE_STORE_MISALIGNED
  sc.w t0, t0, (s7)
  caught
  same s4, s7
  check 11
  la s7, page + 4
  traps CAUSE_STORE_MISALIGNED
  amoswap.d t0, t0, (s7)
  caught
  same s4, s7
  check 12
  li s7, 0x10
  traps CAUSE_STORE_ACCESS
  amoadd.w t0, t0, (s7)
  caught
  same s4, s7
  // A misaligned store that faults stores nothing, though it might store a part.
  check 13
  li s7, 0x84000000 - 4
  li t0, 0x55
  sw t0, (s7)
  traps CAUSE_STORE_ACCESS
  sd zero, (s7)
  caught
  lw t1, (s7)
  same t0, t1

  // SC passes the checks of a store before it may fail for want of a reservation ("Zalrsc"; QEMU
  // knows an older text, which left that open).
  li s11, 0
  tables
  faults 21, CAUSE_STORE_PAGE, MPP_S, 0, V | R | A | D, sc.d t1, t1, (s7)
  // A table that is not memory: an access fault (QEMU: a page fault).
  check 22
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
  csrw satp, zero

  // PMP matches four bytes in the midst of others for fetches too (QEMU: whole pages).
  check 30
  la t2, 1f
  srli t2, t2, 2
  csrw pmpaddr0, t2
  li t0, -1
  csrw pmpaddr1, t0
  li t0, 0x13 | 0x1f << 8            // NA4 without X, then all
  csrw pmpcfg0, t0
  enter 0
  li s2, CAUSE_FETCH_ACCESS
  la s6, 2f
  .align 2
1: nop
  j failed
  .align 2
2:
  // W without R is reserved (QEMU: it is read back): the entry stays as it was.
  check 31
  li t0, 2
  csrw pmpcfg0, t0
  csrr t0, pmpcfg0
  equal t0, 0x13
  j passed

  paging_data
