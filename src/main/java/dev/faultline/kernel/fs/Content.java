package dev.faultline.kernel.fs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a file of {@code /proc} holds for who reads it. */
public interface Content {
  /** Where it ends. */
  long size();

  /** At most so many bytes from a position on; none at the end. */
  byte[] read(long position, int most);

  /** Bytes as they are now. */
  static Content of(byte[] bytes) {
    return new Content() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public byte[] read(long position, int most) {
        int from = (int) Math.min(position, bytes.length);
        return Arrays.copyOfRange(bytes, from, (int) Math.min((long) from + most, bytes.length));
      }
    };
  }

  static Content of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }
}
