package dev.faultline.kernel.host;

import java.util.SplittableRandom;

/**
 * The bytes that programs store: random ones from a seed, but at {@value #RETURN_OFFSET} of each
 * page the x86 instruction {@code ret}, so that a real process can fetch and execute it there.
 */
final class Bytes {
  static final int RETURN_OFFSET = 0xff0;

  static final byte RETURN = (byte) 0xc3;

  private Bytes() {}

  /**
   * @param position the address or the offset in the file of the first byte
   */
  static byte[] of(long seed, int length, long position) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    for (long i = RETURN_OFFSET - (position & 0xfff); i < length; i += 4096) {
      if (i >= 0) {
        bytes[(int) i] = RETURN;
      }
    }
    return bytes;
  }
}
