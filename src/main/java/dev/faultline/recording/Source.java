package dev.faultline.recording;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of a recording, read in ranges; any thread may read. */
public interface Source extends Closeable {
  long size() throws IOException;

  /** Bytes from {@code offset} on, as many as {@code length} unless the source ends before. */
  byte[] read(long offset, int length) throws IOException;

  @Override
  default void close() throws IOException {}

  static Source of(byte[] bytes) {
    return new Source() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public byte[] read(long offset, int length) {
        int from = (int) Math.min(offset, bytes.length);
        return java.util.Arrays.copyOfRange(bytes, from, Math.min(from + length, bytes.length));
      }
    };
  }

  /** The file's first {@code most} bytes, or all when it has fewer. */
  static Source of(Path file, long most) throws IOException {
    return of(FileChannel.open(file, StandardOpenOption.READ), most);
  }

  /** The same of an open file, which closes with it. */
  static Source of(FileChannel channel, long most) {
    return new Source() {
      @Override
      public long size() throws IOException {
        return Math.min(channel.size(), most);
      }

      @Override
      public byte[] read(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.clamp(size() - offset, 0, length));
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
        return bytes.hasRemaining()
            ? java.util.Arrays.copyOf(bytes.array(), bytes.position())
            : bytes.array();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
