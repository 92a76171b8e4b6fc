// Maps all memory to itself in pages of 4 KiB, enters S-mode in Sv39 and runs `work`.
#include "../baremetal/program.h"

  .equ MEMORY, 0x80000000
  .equ SIZE, 64 << 20

  begin
  csrw mcounteren, t0
  la sp, stack_end
  li t0, MPP_M | FS_INITIAL
  csrs mstatus, t0

  la t0, tables                      // a table for each 2 MiB
  li t1, MEMORY >> 2 | V | R | W | X | A | D
  li t2, SIZE >> 12
1:
  sd t1, (t0)
  addi t0, t0, 8
  addi t1, t1, 1 << 10
  addi t2, t2, -1
  bnez t2, 1b
  la t0, middle
  la t1, tables
  srli t1, t1, 2
  ori t1, t1, V
  li t2, SIZE >> 21
1:
  sd t1, (t0)
  addi t0, t0, 8
  addi t1, t1, 1 << 10
  addi t2, t2, -1
  bnez t2, 1b
  la t0, root
  la t1, middle
  srli t1, t1, 2
  ori t1, t1, V
  sd t1, 16(t0)
  srli t0, t0, 12
  li t1, SV39
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
  li t0, MPP_M
  csrc mstatus, t0
  li t0, MPP_S
  csrs mstatus, t0
  la t0, 1f
  csrw mepc, t0
  mret
1:
  call work
  bnez a0, passed
  j failed

  .bss
  .align 12
root: .zero 4096
middle: .zero 4096
tables: .zero SIZE >> 9
  .zero 65536
stack_end:
