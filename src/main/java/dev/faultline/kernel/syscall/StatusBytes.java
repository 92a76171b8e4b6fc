package dev.faultline.kernel.syscall;

import dev.faultline.kernel.fs.Attributes;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The structures in which programs get what {@link Status} says. */
final class StatusBytes {
  private static final long BILLION = TimeArguments.BILLION;
  private static final int BLOCK = 4096;
  private static final int SECTOR = 512;
  private static final int BASIC_STATS = 0x7ff;

  private StatusBytes() {}

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long sectors(Status status) {
    return (status.size() + BLOCK - 1) / BLOCK * (BLOCK / SECTOR);
  }

  /** {@code struct stat} ({@code asm-generic/stat.h}). */
  static byte[] stat(Status status) {
    Attributes.Moments times = status.times();
    return allocate(128)
        .putLong(0, (long) status.volume().major() << 8 | status.volume().minor())
        .putLong(8, status.inode())
        .putInt(16, status.mode())
        .putInt(20, status.links())
        .putInt(24, status.owner().user())
        .putInt(28, status.owner().group())
        .putLong(32, status.device())
        .putLong(48, status.size())
        .putInt(56, BLOCK)
        .putLong(64, sectors(status))
        .putLong(72, times.accessed() / BILLION)
        .putLong(80, times.accessed() % BILLION)
        .putLong(88, times.modified() / BILLION)
        .putLong(96, times.modified() % BILLION)
        .putLong(104, times.changed() / BILLION)
        .putLong(112, times.changed() % BILLION)
        .array();
  }

  /** {@code struct statx}. */
  static byte[] statx(Status status) {
    Attributes.Moments times = status.times();
    return allocate(256)
        .putInt(0, BASIC_STATS)
        .putInt(4, BLOCK)
        .putInt(16, status.links())
        .putInt(20, status.owner().user())
        .putInt(24, status.owner().group())
        .putShort(28, (short) status.mode())
        .putLong(32, status.inode())
        .putLong(40, status.size())
        .putLong(48, sectors(status))
        .putLong(64, times.accessed() / BILLION)
        .putInt(72, (int) (times.accessed() % BILLION))
        .putLong(96, times.changed() / BILLION)
        .putInt(104, (int) (times.changed() % BILLION))
        .putLong(112, times.modified() / BILLION)
        .putInt(120, (int) (times.modified() % BILLION))
        .putInt(128, status.device() >> 8)
        .putInt(132, status.device() & 0xff)
        .putInt(136, status.volume().major())
        .putInt(140, status.volume().minor())
        .array();
  }

  /** {@code struct linux_dirent64}. */
  static byte[] directoryEntry(OpenDirectory.Entry entry, int next) {
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    int length = 19 + name.length + 1 + 7 & -8;
    return allocate(length)
        .putLong(0, entry.inode())
        .putLong(8, next)
        .putShort(16, (short) length)
        .put(18, (byte) entry.type())
        .put(19, name)
        .array();
  }
}
