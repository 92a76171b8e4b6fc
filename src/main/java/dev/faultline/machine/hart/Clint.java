package dev.faultline.machine.hart;

import dev.faultline.machine.memory.Device;

/**
 * The core-local interruptor, as machines without an ACLINT have it: {@code msip} makes the
 * software interrupt pending, {@code mtimecmp} the timer's once {@code mtime} has reached it.
 */
final class Clint implements Device {
  private static final long BASE = 0x200_0000;
  private static final long SIZE = 0x1_0000;
  private static final int MSIP = 0;
  private static final int MTIMECMP = 0x4000;
  private static final int MTIME = 0xbff8;

  private final Hart hart;
  private final Interrupts interrupts;

  Clint(Hart hart, Interrupts interrupts) {
    this.hart = hart;
    this.interrupts = interrupts;
  }

  @Override
  public boolean answers(long address, int size) {
    boolean isInside = address >= BASE && address < BASE + SIZE;
    return isInside && (size == 4 || size == 8) && (address & size - 1) == 0;
  }

  @Override
  public long load(long address, int size) {
    int offset = (int) (address - BASE);
    long register = register(offset & -8);
    return size == 8 ? register : register >>> 8 * (offset & 4) & 0xffff_ffffL;
  }

  private long register(int offset) {
    return switch (offset) {
      case MSIP -> interrupts.software() ? 1 : 0;
      case MTIMECMP -> interrupts.timeCompare();
      case MTIME -> interrupts.time(hart.retired());
      default -> 0;
    };
  }

  @Override
  public void store(long address, int size, long value) {
    int offset = (int) (address - BASE);
    int shift = 8 * (offset & 4);
    long mask = size == 8 ? -1 : 0xffff_ffffL << shift;
    long merged = register(offset & -8) & ~mask | value << shift & mask;
    switch (offset & -8) {
      case MSIP -> interrupts.setSoftware((merged & 1) != 0);
      case MTIMECMP -> interrupts.setTimeCompare(merged);
      case MTIME -> interrupts.setTime(merged, hart.retired());
      default -> {}
    }
    // An interrupt may be pending now.
    hart.callAttention();
  }
}
