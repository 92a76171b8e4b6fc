package dev.faultline.recording;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads what {@link dev.faultline.log.RecordEncoder} wrote, and trusts none of it. */
public final class ByteReader {
  private final byte[] bytes;
  private int at;

  public ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  public int remaining() {
    return bytes.length - at;
  }

  public int position() {
    return at;
  }

  public int readByte() {
    need(1);
    return bytes[at++] & 0xff;
  }

  /** An unsigned number of 64 bits. */
  public long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = readByte();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new BadRecordingException("a number has more than 64 bits");
  }

  /** A number that counts or names something, from 0 to {@code most}. */
  public int count(String what, long most) {
    long value = number();
    if (value < 0 || value > most) {
      throw new BadRecordingException(
          what + " cannot be " + Long.toUnsignedString(value) + ", at most " + most);
    }
    return (int) value;
  }

  public long signed() {
    long value = number();
    return value >>> 1 ^ -(value & 1);
  }

  public byte[] bytes(int length) {
    need(length);
    at += length;
    return java.util.Arrays.copyOfRange(bytes, at - length, at);
  }

  public String text() {
    byte[] utf8 = bytes(count("the length of a text", remaining()));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException exception) {
      throw new BadRecordingException("a text is no UTF-8", exception);
    }
  }

  private void need(int length) {
    if (length > remaining()) {
      throw new BadRecordingException("a part ends too early");
    }
  }
}
