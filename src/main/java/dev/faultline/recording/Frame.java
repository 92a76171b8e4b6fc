package dev.faultline.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One entry of an append-only file: {@code length of the payload u32 | crc32c u32 | kind u8 |
 * sequence u56 | payload}, numbers little-endian. The checksum covers all that follows it.
 *
 * @param offset where it begins in the file
 */
public record Frame(Kind kind, long sequence, byte[] payload, long offset) {
  public static final int HEAD_BYTES = 16;

  /** No entry is longer: a file put into a laboratory, or a very large keyframe. */
  public static final int MOST_BYTES = (1 << 30) + (1 << 20);

  private static final int LENGTH_AND_CHECKSUM = 8;
  private static final int KIND_SHIFT = 56;

  /** What an entry holds; the number in the file is the ordinal. */
  public enum Kind {
    NOTHING,
    HEADER,
    COMMAND,
    SEGMENT,
    INDEX;

    private static final Kind[] ALL = values();
  }

  public long end() {
    return offset + HEAD_BYTES + payload.length;
  }

  /** Its bytes, wherever they stand. */
  byte[] bytes() {
    return bytes(kind, sequence, payload);
  }

  /** The bytes of an entry. */
  public static byte[] bytes(Kind kind, long sequence, byte[] payload) {
    ByteBuffer bytes =
        ByteBuffer.allocate(HEAD_BYTES + payload.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(payload.length).putInt(0);
    bytes.putLong((long) kind.ordinal() << KIND_SHIFT | sequence).put(payload);
    return bytes.putInt(Integer.BYTES, checksum(bytes.array(), LENGTH_AND_CHECKSUM)).array();
  }

  private static int checksum(byte[] bytes, int from) {
    var crc = new CRC32C();
    crc.update(bytes, from, bytes.length - from);
    return (int) crc.getValue();
  }

  /** The head of the entry at {@code offset} alone; null where no whole entry can stand. */
  static @Nullable Head head(Source source, long offset) throws IOException {
    byte[] head = source.read(offset, HEAD_BYTES);
    if (head.length < HEAD_BYTES) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.getInt();
    bytes.getInt();
    long rest = bytes.getLong();
    int kind = (int) (rest >>> KIND_SHIFT);
    if (length < 0
        || length > MOST_BYTES
        || offset + HEAD_BYTES + length > source.size()
        || kind == 0
        || kind >= Kind.ALL.length) {
      return null;
    }
    return new Head(Kind.ALL[kind], rest & (1L << KIND_SHIFT) - 1, offset, length);
  }

  record Head(Kind kind, long sequence, long offset, int length) {
    long end() {
      return offset + HEAD_BYTES + length;
    }
  }

  /** The entry at {@code offset}, null where none stands whole and unhurt. */
  public static @Nullable Frame read(Source source, long offset) throws IOException {
    Head head = head(source, offset);
    if (head == null) {
      return null;
    }
    byte[] all = source.read(offset, HEAD_BYTES + head.length);
    if (all.length < HEAD_BYTES + head.length) {
      return null;
    }
    int wanted = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getInt(Integer.BYTES);
    if (wanted != checksum(all, LENGTH_AND_CHECKSUM)) {
      return null;
    }
    byte[] payload = java.util.Arrays.copyOfRange(all, HEAD_BYTES, all.length);
    return new Frame(head.kind, head.sequence, payload, offset);
  }
}
