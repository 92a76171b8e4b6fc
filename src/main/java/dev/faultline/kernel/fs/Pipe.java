package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A pipe ({@code pipe(7)}): bytes on their way from its writers to its readers. */
public final class Pipe {
  /** Up to so many bytes are written at once or not at all. */
  private static final int ATOMIC = 4096;

  private static final int FIRST_CAPACITY = 65_536;

  /** {@code /proc/sys/fs/pipe-max-size}. */
  public static final int MOST_CAPACITY = 1 << 20;

  private final long inode;
  private final @Nullable Fifo fifo;
  private int capacity = FIRST_CAPACITY;
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

  /** How many bytes it holds at most. */
  public int capacity() {
    return capacity;
  }

  /**
   * Makes it larger or smaller: a page at least, a power of two ({@code F_SETPIPE_SZ}).
   *
   * @return false when what is in it would not fit
   */
  public boolean resize(int bytes) {
    int least = Math.max(bytes, ATOMIC);
    int rounded = Integer.highestOneBit(least) == least ? least : Integer.highestOneBit(least) << 1;
    if (count > rounded) {
      return false;
    }
    ring = count == 0 ? new byte[0] : Arrays.copyOf(next(count), rounded);
    first = 0;
    capacity = rounded;
    departures++;
    return true;
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
    first = bytes.length == count ? 0 : (first + bytes.length) % capacity;
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
    int free = capacity - count;
    int taken = bytes.length <= ATOMIC && bytes.length > free ? 0 : Math.min(bytes.length, free);
    if (taken == 0 && bytes.length > 0) {
      return ByteStream.WOULD_BLOCK;
    }
    if (ring.length == 0) {
      ring = new byte[capacity];
    }
    int at = (first + count) % capacity;
    int untilEnd = Math.min(taken, capacity - at);
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
    return count <= capacity - ATOMIC || readers == 0;
  }
}
