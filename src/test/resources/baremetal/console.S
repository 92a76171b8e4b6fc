// Writes to the host's console, waiting for each character to be taken, then fails with number 3.
#include "program.h"
  begin
  la s7, text
1:
  lbu t0, (s7)
  beqz t0, 2f
  li t1, 0x0101 << 48
  or t0, t0, t1
  la t1, tohost
  la t2, fromhost
  sd zero, (t2)
  sd t0, (t1)
3:
  ld t3, (t1)
  bnez t3, 3b
  ld t3, (t2)
  beqz t3, 3b
  addi s7, s7, 1
  j 1b
2:
  check 3
  j failed

  .data
text: .asciz "Hello, host\n"
