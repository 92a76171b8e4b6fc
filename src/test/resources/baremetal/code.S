// Instructions that change while they are in the cache of decoded blocks, and their remapping.
#include "program.h"
  begin

  // A loop rewrites an instruction of itself, ahead of where it is.
  check 1
  la s7, 1f
  li s8, 0
  li s9, 10
  li a0, 0
3:
  slli t0, s8, 20
  li t1, 0x00050513                  // addi a0, a0, 0
  or t0, t0, t1
  sw t0, (s7)
  fence.i
  .option push
  .option norvc
1: addi a0, a0, 0
  .option pop
  addi s8, s8, 1
  blt s8, s9, 3b
  equal a0, 45

  // A function that is replaced; data beside it does not matter.
  check 2
  la s7, function
  li s8, 1000
2:
  sd s8, function_data, t0
  jalr s7
  same a0, s8
  addi s8, s8, -1
  bnez s8, 2b
  li t0, 0x00700513                  // li a0, 7
  sw t0, (s7)
  li t0, 0x00008067                  // ret
  sw t0, 4(s7)
  fence.i
  jalr s7
  equal a0, 7

  // The same address, another frame.
  check 10
  la t0, tables
  la t1, tables + 4096
  la t2, tables + 8192
  srli t3, t1, 2
  ori t3, t3, V
  sd t3, (t0)
  srli t3, t2, 2
  ori t3, t3, V
  sd t3, (t1)
  li t3, (0x80000000 >> 2) | V | R | W | X | A | D
  sd t3, 16(t0)
  srli t0, t0, 12
  li t1, SV39
  or t0, t0, t1
  csrw satp, t0
  mv s8, t2
  li s9, 100
  li s7, 0x3000
1:
  la t0, first
  andi t1, s9, 1
  beqz t1, 2f
  la t0, second
2:
  srli t0, t0, 2
  ori t0, t0, V | R | X | A
  sd t0, 24(s8)
  sfence.vma s7
  enter MPP_S
  jalr s7
  leave CAUSE_ECALL_S
  andi t1, s9, 1
  addi t1, t1, 1
  same a0, t1
  addi s9, s9, -1
  bnez s9, 1b
  csrw satp, zero

  // LR and SC.
  check 20
  la s7, function_data
  li t0, 5
  sd t0, (s7)
  lr.d t1, (s7)
  addi t1, t1, 1
  sc.d t2, t1, (s7)
  bnez t2, failed
  ld t0, (s7)
  equal t0, 6
  sc.d t2, t1, (s7)                  // no reservation any more
  beqz t2, failed
  check 21
  lr.d t1, (s7)
  addi t0, s7, 64
  sc.d t2, t1, (t0)                  // elsewhere
  beqz t2, failed
  check 22
  lr.d t1, (s7)
  traps CAUSE_ECALL_M
  ecall
  caught
  sc.d t2, t1, (s7)                  // a trap ends it
  beqz t2, failed
  j passed

  .align 3
  .option push
  .option norvc
function:
  lla a0, function_data
  ld a0, (a0)
  ret
  .option pop
  .align 3
function_data: .dword 0
  .zero 128

  .align 12
first:
  li a0, 1
  ret
  .align 12
second:
  li a0, 2
  ret

  .data
  .align 12
tables: .zero 3 * 4096
