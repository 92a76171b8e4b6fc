package dev.faultline.kernel.fs;

import org.jspecify.annotations.Nullable;

/** What has no position: a pipe's end, a device, the console. */
public abstract non-sealed class ByteStream extends Description {
  /** What {@link #write} gives when nothing fits now. */
  public static final int WOULD_BLOCK = -1;

  /** What {@link #write} gives when it never takes such bytes. */
  public static final int INVALID = -2;

  protected ByteStream(int flags) {
    super(flags);
  }

  /** At most {@code most} bytes, none at the end; null when there are none now but may be later. */
  public abstract byte @Nullable [] read(int most);

  /**
   * How many bytes were taken, {@link #WOULD_BLOCK} or {@link #INVALID}.
   *
   * @throws BrokenPipeException when nobody is left to read them
   */
  public abstract int write(byte[] bytes);

  @Override
  public Inode file() {
    return new StreamFile(this);
  }

  /** What opening it once more gives, through a link of {@code /proc}. */
  ByteStream reopen(int flags) {
    return this;
  }

  /** Whether {@link #read} has an answer now, and whether {@link #write} has. */
  public abstract boolean canRead();

  public abstract boolean canWrite();

  /** Whether {@link #write} has an answer for these. */
  public boolean canWrite(byte[] bytes) {
    return canWrite();
  }

  /** Whether a write that waits goes on until all its bytes are taken, as those of pipes do. */
  public boolean takesAll() {
    return false;
  }

  /** Less than this cannot be read at once. */
  public int leastRead() {
    return 0;
  }

  /** How many bytes there are to read; -1 where nobody counts them ({@code FIONREAD}). */
  public int available() {
    return -1;
  }

  /**
   * Grows with everything that may have made it ready: what an edge-triggered {@code epoll} looks
   * at.
   */
  protected long activity() {
    return 0;
  }

  /** Whether there is anything to read, and not only the end. */
  public boolean hasBytes() {
    return canRead();
  }

  /** Whether nobody is left at the other end. */
  public boolean hasHungUp() {
    return false;
  }

  /** Nobody will ever read what is written. */
  public static final class BrokenPipeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenPipeException() {
      super("broken pipe", null, false, false);
    }
  }
}
