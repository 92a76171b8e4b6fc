// Each exception that M-mode itself can raise, with cause, mtval and mepc.
#include "program.h"
  begin

  .macro illegal number, bits:vararg
  check \number
  traps CAUSE_ILLEGAL
  la s7, 96f
96: \bits
  caught
  same s5, s7
  .endm

  // No instruction: mtval has its bits.
  illegal 1, .4byte 0xffffffff
  li t0, 0xffffffff
  same s4, t0
  illegal 2, .2byte 0
  equal s4, 0
  illegal 3, .2byte 0x4002           // c.lwsp to x0
  equal s4, 0x4002
  illegal 4, .2byte 0x9c41           // reserved in quadrant 1
  illegal 5, .4byte 0x04001013       // slli with bit 26
  illegal 6, .4byte 0x0200101b       // slliw with shamt 32
  illegal 7, .4byte 0x02007053       // fadd.d while floating point is off
  illegal 8, csrw cycle, t0          // read-only
  illegal 9, csrr t0, 0x7b0          // no such register
  illegal 10, .4byte 0x00002063      // branch with a reserved funct3
  illegal 11, .4byte 0x1010302f      // lr.d with rs2
  illegal 12, .4byte 0x30200173      // mret with rd
  illegal 13, .4byte 0x00000f77      // a major opcode that is reserved

  check 20
  li t0, FS_INITIAL
  csrs mstatus, t0
  illegal 21, .4byte 0x02005053      // fadd.d with rounding mode 5
  check 22
  fsrmi 5
  illegal 23, .4byte 0x02007053      // dynamic, and frm holds 5
  fsrmi 0
  check 24
  csrr t0, mstatus                   // FS is dirty, and SD says so
  bgez t0, failed

  check 30
  traps CAUSE_BREAKPOINT
  la s7, 1f
1: ebreak
  caught
  same s5, s7
  beqz s4, 1f                        // mtval may be zero
  same s4, s7
1:
  traps CAUSE_ECALL_M
  ecall
  caught
  equal s4, 0

  // Nothing is at 0; at 2^63 there is not even an address.
  check 40
  li s7, 0x10
  traps CAUSE_LOAD_ACCESS
  lw t0, (s7)
  caught
  same s4, s7
  check 41
  traps CAUSE_STORE_ACCESS
  sd t0, (s7)
  caught
  same s4, s7
  check 43
  traps CAUSE_FETCH_ACCESS
  li t1, 0
  la t2, 1f
  jalr t1, (s7)
1:
  caught
  same s4, s7
  same s5, s7
  same t1, t2                        // the jump itself retired
  check 44
  li s7, 1 << 63
  traps CAUSE_LOAD_ACCESS
  lb t0, (s7)
  caught
  same s4, s7

  // Misaligned: loads and stores are done, across pages too; atomics are not.
  check 50
  la s7, page + 0xffd
  li t0, 0x1122334455667788
  sd t0, (s7)
  ld t1, (s7)
  same t0, t1
  lbu t1, 3(s7)
  equal t1, 0x55
  lhu t1, 2(s7)
  equal t1, 0x5566
  check 51
  traps CAUSE_LOAD_MISALIGNED
  lr.w t0, (s7)
  caught
  same s4, s7

  // The last bytes of memory are there, those after it are not.
  check 60
  li s7, 0x84000000 - 8
  sd t0, (s7)
  ld t1, (s7)
  same t0, t1
  li s7, 0x84000000
  traps CAUSE_STORE_ACCESS
  sb zero, (s7)
  caught
  same s4, s7
  j passed

  .data
  .align 12
page: .zero 8192
