// Tables for programs about translation, in each paging mode. Data accesses are made from M-mode
// with MPRV.

  .equ PAGE, 0x5000                  // an address that table1 translates, by its entry at SLOT
  .equ SLOT, 8 * 5
  .equ LEAF, V | R | W | X | A | D

  // Tables for a mode of s11 + 3 levels, and their address space with ASID 0: s10 is satp, a0 the
  // root, s8 is table1, s9 the page's number in an entry's place, s7 the address PAGE.
  .macro tables
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
  mv a0, t0
  srli t0, t0, 12
  addi t1, s11, 8
  slli t1, t1, 60
  or s10, t0, t1
  csrw satp, s10
  sfence.vma
  la s8, table1
  la s9, page
  srli s9, s9, 2                     // the page's number in an entry's place
  li s7, PAGE
  .endm

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

  .macro paging_data
  .data
  .align 12
page: .zero 8192
table1: .zero 4096
table2: .zero 4096
table3: .zero 4096
table4: .zero 4096
table5: .zero 4096
  .endm
