package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import org.jspecify.annotations.Nullable;

/** A pipe ({@code pipe(7)}): bytes on their way from its writers to its readers. */
public final class Pipe {
  /** Up to so many bytes are written at once or not at all. */
  private static final int ATOMIC = 4096;

  private static final int CAPACITY = 65_536;

  private final long inode;
  private final @Nullable Fifo fifo;
  private byte[] ring = {};
  private int first;
  private int count;
  private int readers;
  private int writers;
  private long readersEver;
  private long writersEver;
  private long arrivals;
  private long departures;

  /**
   * @param fifo its name in a directory; null for one without
   */
  Pipe(long inode, @Nullable Fifo fifo) {
    this.inode = inode;
    this.fifo = fifo;
  }

  public PipeEnd reader(int flags) {
    return end(flags & ~OpenFlag.ACCESS_MODE);
  }

  public PipeEnd writer(int flags) {
    return end(flags & ~OpenFlag.ACCESS_MODE | OpenFlag.WRONLY.bit());
  }

  /** What opening it gives: the end to read from, to write to, or both. */
  PipeEnd end(int flags) {
    return new PipeEnd(this, flags);
  }

  long number() {
    return inode;
  }

  @Nullable Fifo fifo() {
    return fifo;
  }

  Status status() {
    return fifo != null
        ? fifo.status()
        : new Status(Volume.NAMELESS, inode, Status.PIPE | 0600, 1, 0, 0);
  }

  String path() {
    return fifo != null ? fifo.path() : "pipe:[" + inode + "]";
  }

  int count() {
    return count;
  }

  boolean hasReaders() {
    return readers > 0;
  }

  boolean hasWriters() {
    return writers > 0;
  }

  /** How many readers there have been. */
  long readersEver() {
    return readersEver;
  }

  long writersEver() {
    return writersEver;
  }

  /** Grows with what readers may wait for. */
  long arrivals() {
    return arrivals;
  }

  /** Grows with what writers may wait for. */
  long departures() {
    return departures;
  }

  void addReader() {
    readers++;
    readersEver++;
    departures++;
  }

  void addWriter() {
    writers++;
    writersEver++;
    arrivals++;
  }

  void removeReader() {
    readers--;
    departures++;
    dropIfUnused();
  }

  void removeWriter() {
    writers--;
    arrivals++;
    dropIfUnused();
  }

  /** Bytes that nobody has read end with its last user. */
  private void dropIfUnused() {
    if (readers == 0 && writers == 0) {
      ring = new byte[0];
      count = 0;
    }
  }

  /** As {@link ByteStream#read}. */
  byte @Nullable [] read(int most) {
    if (count == 0 && writers > 0) {
      return null;
    }
    byte[] bytes = next(most);
    first = bytes.length == count ? 0 : (first + bytes.length) % CAPACITY;
    count -= bytes.length;
    departures++;
    return bytes;
  }

  /** The same, but they stay. */
  byte @Nullable [] peek(int most) {
    return count == 0 && writers > 0 ? null : next(most);
  }

  private byte[] next(int most) {
    byte[] bytes = new byte[Math.min(most, count)];
    int untilEnd = Math.min(bytes.length, ring.length - first);
    System.arraycopy(ring, first, bytes, 0, untilEnd);
    System.arraycopy(ring, 0, bytes, untilEnd, bytes.length - untilEnd);
    return bytes;
  }

  /** As {@link ByteStream#write}. */
  int write(byte[] bytes) {
    if (readers == 0) {
      throw new ByteStream.BrokenPipeException();
    }
    int free = CAPACITY - count;
    int taken = bytes.length <= ATOMIC && bytes.length > free ? 0 : Math.min(bytes.length, free);
    if (taken == 0 && bytes.length > 0) {
      return ByteStream.WOULD_BLOCK;
    }
    if (ring.length == 0) {
      ring = new byte[CAPACITY];
    }
    int at = (first + count) % CAPACITY;
    int untilEnd = Math.min(taken, CAPACITY - at);
    System.arraycopy(bytes, 0, ring, at, untilEnd);
    System.arraycopy(bytes, untilEnd, ring, 0, taken - untilEnd);
    count += taken;
    arrivals++;
    return taken;
  }

  boolean canRead() {
    return count > 0 || writers == 0;
  }

  boolean canWrite() {
    return count <= CAPACITY - ATOMIC || readers == 0;
  }
}
