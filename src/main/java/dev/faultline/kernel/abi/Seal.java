package dev.faultline.kernel.abi;

/** What a file in memory may be sealed against ({@code F_SEAL_} of {@code linux/fcntl.h}). */
public enum Seal {
  /** Against more seals. */
  SEAL(1),
  SHRINK(2),
  GROW(4),
  WRITE(8),
  /** Against writing but by those who map it writable already. */
  FUTURE_WRITE(0x10),
  /** Against other permissions to execute. */
  EXEC(0x20);

  /** All there are. */
  public static final int ALL = 0x3f;

  /** Nothing may be written any more but through old mappings. */
  public static final int NO_WRITING = WRITE.bit | FUTURE_WRITE.bit;

  private final int bit;

  Seal(int bit) {
    this.bit = bit;
  }

  public int bit() {
    return bit;
  }

  public boolean in(int seals) {
    return (seals & bit) != 0;
  }
}
