package dev.faultline.kernel.fs;

import java.util.Locale;

/**
 * Where a file lies: what {@code st_dev} and {@code maps} number and {@code statfs} tells apart
 * ({@code linux/magic.h}).
 */
public enum Volume {
  /** The one disk, whose files follow the rules of ext4. */
  DISK(8, 1, 0xef53),
  /** Memory files and shared memory. */
  MEMORY(0, 1, 0x0102_1994),
  /** Pipes, sockets and whatever else a descriptor alone leads to. */
  NAMELESS(0, 12, 0x0904_1934),
  PROC(0, 22, 0x9fa0);

  private final int major;
  private final int minor;
  private final long magic;

  Volume(int major, int minor, long magic) {
    this.major = major;
    this.minor = minor;
    this.magic = magic;
  }

  public int major() {
    return major;
  }

  public int minor() {
    return minor;
  }

  /** As {@code maps} shows it. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%02x:%02x", major, minor);
  }

  public long magic() {
    return magic;
  }
}
