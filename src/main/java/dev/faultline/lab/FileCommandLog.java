package dev.faultline.lab;

import dev.faultline.recording.BadRecordingException;
import dev.faultline.recording.EntryFile;
import dev.faultline.recording.Frame;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.Room;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A command log in one append-only file, whose entries are those of {@code docs/recording.md}. An
 * entry is written by one call to the operating system before it counts, so it survives the end of
 * this process however that comes; it is not forced to the disk (a forced write takes a hundred
 * times as long), so a power failure may take the last seconds. Where a write was cut short, what
 * is not whole is cut off when the file is opened.
 */
final class FileCommandLog implements CommandLog {
  private final EntryFile file;
  private final Room written;
  private final Object appended = new Object();
  private volatile long head;

  private FileCommandLog(EntryFile file, Room written, long head) {
    this.file = file;
    this.written = written;
    this.head = head;
  }

  /**
   * @param written told how many bytes each entry has
   */
  static FileCommandLog create(Path path, RecordingHeader header, Room written) {
    try {
      return new FileCommandLog(EntryFile.create(path, header), written, 0);
    } catch (IOException exception) {
      throw new StorageException("the commands cannot be kept in " + path, exception);
    }
  }

  /**
   * @param written told how many bytes each further entry has
   * @throws StorageException when the file cannot be read or its header is not whole
   */
  static FileCommandLog open(Path path, Room written) {
    try {
      var file = EntryFile.open(path);
      var count = new long[1];
      file.cutAfter(frame -> {
        boolean isNext = frame.kind() == Frame.Kind.COMMAND && frame.sequence() == count[0] + 1;
        count[0] += isNext ? 1 : 0;
        return isNext;
      });
      return new FileCommandLog(file, written, count[0]);
    } catch (IOException exception) {
      throw new StorageException("the commands in " + path + " cannot be read", exception);
    } catch (BadRecordingException exception) {
      throw new StorageException(path + ": " + exception.getMessage(), null);
    }
  }

  RecordingHeader header() {
    return file.header();
  }

  /** How many bytes were cut off when the file was opened. */
  long torn() {
    return file.torn();
  }

  long bytes() {
    return file.end();
  }

  @Override
  public long head() {
    return head;
  }

  @Override
  public synchronized void append(long sequence, byte[] entry) {
    if (sequence != head + 1) {
      throw new OutOfSequenceException(sequence, head + 1);
    }
    byte[] frame = Frame.bytes(Frame.Kind.COMMAND, sequence, entry);
    try {
      file.append(frame);
    } catch (IOException exception) {
      throw new StorageException("the command cannot be kept", exception);
    }
    written.take(frame.length);
    head = sequence;
    synchronized (appended) {
      appended.notifyAll();
    }
  }

  @Override
  public void read(long after, Reader reader) {
    try {
      file.read(frame ->
          frame.sequence() > head
              || frame.sequence() > after && !reader.entry(frame.sequence(), frame.payload()));
    } catch (IOException exception) {
      throw new StorageException("the commands cannot be read", exception);
    }
  }

  @Override
  public boolean await(long after, long millis) throws InterruptedException {
    synchronized (appended) {
      if (head <= after) {
        appended.wait(millis);
      }
      return head > after;
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException exception) {
      throw new StorageException("the commands cannot be closed", exception);
    }
  }
}
