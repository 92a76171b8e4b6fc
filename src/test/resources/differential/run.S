# Runs one sequence of instructions at a fixed place, with registers loaded from memory and stored
# back after it. The sequence must leave gp alone, and ends with a jump to `done`.

  .equ F, 256
  .equ FCSR, 512

  .section .code, "awx", @progbits
  .globl code
code:
  .zero 0x800
done:
  sd x1, 8(gp)
  sd x2, 16(gp)
  .irp n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  sd x\n, 8 * \n(gp)
  .endr
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  fsd f\n, F + 8 * \n(gp)
  .endr
  frcsr t0
  sd t0, FCSR(gp)
  la t0, kept
  ld sp, 0(t0)
  ld gp, 8(t0)
  ld tp, 16(t0)
  ld ra, 24(t0)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  ld s\n, 32 + 8 * \n(t0)
  .endr
  ret

  .section .area, "aw", @progbits
  .globl data
data:
  .zero 0x1000
  .globl state
state:
  .zero 0x1000

  .bss
kept:
  .zero 128

  .section .code
  .globl run
run:
  la t0, kept
  sd sp, 0(t0)
  sd gp, 8(t0)
  sd tp, 16(t0)
  sd ra, 24(t0)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  sd s\n, 32 + 8 * \n(t0)
  .endr
  .option push
  .option norelax
  lui gp, %hi(state)
  addi gp, gp, %lo(state)
  .option pop
  ld t0, FCSR(gp)
  fscsr t0
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  fld f\n, F + 8 * \n(gp)
  .endr
  ld x1, 8(gp)
  ld x2, 16(gp)
  .irp n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  ld x\n, 8 * \n(gp)
  .endr
  j code
