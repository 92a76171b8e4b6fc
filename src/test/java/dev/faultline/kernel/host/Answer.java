package dev.faultline.kernel.host;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * What a process got for an operation.
 *
 * @param result the result, or the negative error number; 0 after a signal
 * @param signal name, code and address, empty without one
 * @param bytes what was read
 */
record Answer(long result, String signal, byte[] bytes) {
  private static final int SHOWN = 64;

  static Answer of(long result) {
    return new Answer(result, "", new byte[0]);
  }

  /** What a resource was limited to, which may be any number. */
  static Answer ofLimit(long soft) {
    return new Answer(0, "", ByteBuffer.allocate(Long.BYTES).putLong(soft).array());
  }

  static Answer ofSignal(String signal) {
    return new Answer(0, signal, new byte[0]);
  }

  boolean equalsAnswer(Answer other) {
    return result == other.result
        && signal.equals(other.signal)
        && Arrays.equals(bytes, other.bytes);
  }

  /** All of it, where few bytes were read; otherwise their checksum. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    text.append(
        signal.isEmpty() ? result < 0 ? "" + result : "0x" + Long.toHexString(result) : signal);
    if (bytes.length > SHOWN) {
      var sum = new CRC32C();
      sum.update(bytes);
      text.append(" %d bytes %08x".formatted(bytes.length, sum.getValue()));
    } else if (bytes.length > 0) {
      text.append(' ').append(HexFormat.of().formatHex(bytes));
    }
    return text.toString();
  }
}
