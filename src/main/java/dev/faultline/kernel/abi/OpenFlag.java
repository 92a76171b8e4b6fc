package dev.faultline.kernel.abi;

/** Flags of {@code openat(2)} ({@code asm-generic/fcntl.h}). */
public enum OpenFlag {
  RDONLY(0),
  WRONLY(1),
  RDWR(2),
  CREAT(0x40),
  EXCL(0x80),
  TRUNC(0x200),
  APPEND(0x400),
  NONBLOCK(0x800),
  DIRECTORY(0x1_0000),
  LARGEFILE(0x8000),
  NOFOLLOW(0x2_0000),
  CLOEXEC(0x8_0000);

  /** The bits that hold RDONLY, WRONLY or RDWR. */
  public static final int ACCESS_MODE = 3;

  private final int bit;

  OpenFlag(int bit) {
    this.bit = bit;
  }

  public int bit() {
    return bit;
  }

  public boolean in(int flags) {
    return (flags & bit) == bit;
  }
}
