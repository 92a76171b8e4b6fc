// Never ends: after half a line on the console it touches pages that are not there, without end.
#include "program.h"
#include "paging.h"

  begin
  la s3, text
1:
  lbu t0, (s3)
  beqz t0, 2f
  li t1, 0x0101 << 48
  or t0, t0, t1
  la t1, tohost
  sd t0, (t1)
  addi s3, s3, 1
  j 1b
2:
  li s11, 0
  tables
3:
  as MPP_S, 0
  traps CAUSE_LOAD_PAGE
  ld t1, (s7)
  caught
  j 3b

  .data
text: .asciz "half a line"
  paging_data
