package dev.faultline.recording;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Bytes compressed in zlib's format; what comes out is never longer than it was said to be. */
final class Deflated {
  private static final int PIECE = 1 << 16;

  private Deflated() {}

  static byte[] deflate(byte[] bytes) {
    try (var deflater = new Deflater()) {
      deflater.setInput(bytes);
      deflater.finish();
      var out = new ByteArrayOutputStream(bytes.length / 2 + 64);
      byte[] piece = new byte[Math.min(PIECE, bytes.length + 64)];
      while (!deflater.finished()) {
        out.write(piece, 0, deflater.deflate(piece));
      }
      return out.toByteArray();
    }
  }

  /** Memory grows with what really comes out, not with what a length claims. */
  static byte[] inflate(byte[] bytes, int length) {
    try (var inflater = new Inflater()) {
      inflater.setInput(bytes);
      var out = new ByteArrayOutputStream(Math.min(length, PIECE));
      byte[] piece = new byte[Math.min(PIECE, length + 1)];
      while (!inflater.finished() && out.size() <= length) {
        int count = inflater.inflate(piece);
        if (count == 0) {
          break;
        }
        out.write(piece, 0, count);
      }
      if (!inflater.finished() || out.size() != length) {
        throw new BadRecordingException(
            "a compressed part does not have the " + length + " bytes that it claims");
      }
      return out.toByteArray();
    } catch (DataFormatException exception) {
      throw new BadRecordingException("a compressed part is damaged", exception);
    }
  }
}
