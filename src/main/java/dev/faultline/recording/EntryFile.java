package dev.faultline.recording;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A file of entries after a header that only grows at its end. An append that fails half-way is
 * taken back, so that the next one follows a whole entry.
 */
public final class EntryFile implements Closeable {
  private final FileChannel channel;
  private final Source source;
  private final RecordingHeader header;
  private final long first;
  private volatile long end;
  private long torn;

  private EntryFile(FileChannel channel, RecordingHeader header, long first) {
    this.channel = channel;
    this.header = header;
    this.first = first;
    this.end = first;
    source = Source.of(channel, Long.MAX_VALUE);
  }

  /** A new file, which must not exist. */
  public static EntryFile create(Path path, RecordingHeader header) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var file = new EntryFile(channel, header, 0);
    file.append(RecordingWriter.MAGIC);
    file.append(Frame.bytes(Frame.Kind.HEADER, 0, header.payload()));
    return new EntryFile(channel, header, file.end);
  }

  /**
   * @throws BadRecordingException when the file has no whole header
   */
  public static EntryFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      Frame frame = Recording.headerFrame(Source.of(channel, Long.MAX_VALUE));
      return new EntryFile(channel, RecordingHeader.read(frame.payload()), frame.end());
    } catch (IOException | RuntimeException exception) {
      channel.close();
      throw exception;
    }
  }

  public RecordingHeader header() {
    return header;
  }

  /** Where the next entry goes. */
  public long end() {
    return end;
  }

  /** How many bytes {@link #cutAfter} has cut off. */
  public long torn() {
    return torn;
  }

  /** Reads as long as entries are whole and wanted, and cuts off what follows them. */
  public void cutAfter(Predicate<Frame> isWanted) throws IOException {
    long size = channel.size();
    Frame frame = Frame.read(source, end);
    while (frame != null && isWanted.test(frame)) {
      end = frame.end();
      frame = Frame.read(source, end);
    }
    torn = size - end;
    channel.truncate(end);
  }

  /** What is done with an entry; true ends the reading. */
  @FunctionalInterface
  public interface Reader {
    boolean isEnough(Frame frame);
  }

  /** Where the first entry behind the header begins. */
  long first() {
    return first;
  }

  /** The entry that begins at a place. */
  Frame entry(long at) throws IOException {
    return Objects.requireNonNull(Frame.read(source, at), "an entry has changed");
  }

  /** Gives the entries, from the first on, to {@code reader}. */
  public void read(Reader reader) throws IOException {
    long until = end;
    long at = first;
    Frame frame;
    while (at < until) {
      frame = entry(at);
      if (reader.isEnough(frame)) {
        return;
      }
      at = frame.end();
    }
  }

  /** The file as it is now, with {@code tail} behind it. */
  public Source with(byte[] tail) {
    long length = end;
    return new Source() {
      @Override
      public long size() {
        return length + tail.length;
      }

      @Override
      public byte[] read(long offset, int wanted) throws IOException {
        int count = (int) Math.clamp(size() - offset, 0, wanted);
        int fromFile = (int) Math.clamp(length - offset, 0, count);
        byte[] bytes = Arrays.copyOf(source.read(offset, fromFile), count);
        int from = (int) Math.max(0, offset - length);
        System.arraycopy(tail, from, bytes, fromFile, count - fromFile);
        return bytes;
      }
    };
  }

  public void append(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer, end + buffer.position());
      }
    } catch (IOException exception) {
      try {
        channel.truncate(end);
      } catch (IOException again) {
        exception.addSuppressed(again);
      }
      throw exception;
    }
    end += bytes.length;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
