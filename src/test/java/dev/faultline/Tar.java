package dev.faultline;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Writes archives as POSIX ustar has them. */
public final class Tar {
  /** Two blocks of zeros. */
  public static final byte[] END = new byte[1024];

  private Tar() {}

  /** An archive of files that may be executed, by path. */
  public static byte[] of(Map<String, byte[]> files) {
    var archive = new ByteArrayOutputStream();
    new TreeMap<>(files).forEach((path, bytes) -> archive.writeBytes(entry('0', path, "", bytes)));
    archive.writeBytes(END);
    return archive.toByteArray();
  }

  /** A header with the bytes that follow it, filled up to a block. */
  public static byte[] entry(char type, String name, String target, byte[] contents) {
    byte[] block = new byte[512 + (contents.length + 511 & -512)];
    put(block, 0, name);
    put(block, 100, "0000755");
    put(block, 124, "%011o".formatted(contents.length));
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 157, target);
    put(block, 257, "ustar");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += block[i] & 0xff;
    }
    put(block, 148, "%06o".formatted(sum));
    block[154] = 0;
    System.arraycopy(contents, 0, block, 512, contents.length);
    return block;
  }

  /** Writes letters into a header. */
  public static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
