package dev.faultline.kernel.abi;

/** Flags of {@code mmap(2)}, with the values that riscv64 uses ({@code asm-generic/mman.h}). */
public enum MapFlag {
  SHARED(0x01),
  PRIVATE(0x02),
  SHARED_VALIDATE(0x03),
  DROPPABLE(0x08),
  FIXED(0x10),
  ANONYMOUS(0x20),
  GROWSDOWN(0x0100),
  DENYWRITE(0x0800),
  EXECUTABLE(0x1000),
  LOCKED(0x2000),
  NORESERVE(0x4000),
  POPULATE(0x8000),
  NONBLOCK(0x1_0000),
  STACK(0x2_0000),
  HUGETLB(0x4_0000),
  SYNC(0x8_0000),
  FIXED_NOREPLACE(0x10_0000);

  /** The bits that say how a mapping is shared. */
  public static final int TYPE = 0x0f;

  private final int bit;

  MapFlag(int bit) {
    this.bit = bit;
  }

  public int bit() {
    return bit;
  }

  public boolean in(int flags) {
    return (flags & bit) == bit;
  }
}
