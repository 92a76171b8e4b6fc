package dev.faultline.kernel.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a signal carries ({@code siginfo_t}).
 *
 * @param first the eight bytes after the numbers: an address, or the sender's pid and uid
 * @param second the eight bytes after those: a value, or a child's status
 */
public record Siginfo(int number, int code, long first, long second) {
  public static final int SI_USER = 0;
  public static final int SI_TKILL = -6;
  public static final int SI_TIMER = -2;
  public static final int SI_KERNEL = 0x80;
  public static final int CLD_EXITED = 1;
  public static final int CLD_KILLED = 2;
  public static final int CLD_STOPPED = 5;
  public static final int CLD_CONTINUED = 6;

  /** Sent by a process, or by the laboratory, which is number 0. */
  public static Siginfo from(int number, int code, int sender) {
    return new Siginfo(number, code, sender & 0xffff_ffffL, 0);
  }

  /** As a program finds it in memory. */
  public byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0, number)
        .putInt(8, code)
        .putLong(16, first)
        .putLong(24, second);
    return bytes;
  }
}
