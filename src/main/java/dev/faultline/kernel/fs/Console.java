package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a program that was started from outside reads and writes, and its children with it. To them
 * it is a pipe, not a terminal. Of what they write, the last part is kept.
 */
public final class Console {
  /** How many bytes of each stream are kept at least, once there are so many. */
  private static final int KEPT = 1 << 20;

  private static final int MOST_INPUT = 1 << 20;

  private final Output standardOutput = new Output("stdout");
  private final Output standardError = new Output("stderr");
  private final Input standardInput = new Input();

  public ByteStream standardInput() {
    return standardInput;
  }

  public Output standardOutput() {
    return standardOutput;
  }

  public Output standardError() {
    return standardError;
  }

  /** What was written to standard output. */
  public byte[] output() {
    return standardOutput.kept();
  }

  public byte[] errors() {
    return standardError.kept();
  }

  /** Bytes to be read; false when there are too many already. */
  public boolean feed(byte[] bytes) {
    if (bytes.length > MOST_INPUT - standardInput.waiting.length) {
      return false;
    }
    byte[] all = Arrays.copyOf(standardInput.waiting, standardInput.waiting.length + bytes.length);
    System.arraycopy(bytes, 0, all, standardInput.waiting.length, bytes.length);
    standardInput.waiting = all;
    return true;
  }

  /** No more will come. */
  public void endInput() {
    standardInput.ended = true;
  }

  private static Status pipeStatus() {
    return new Status(Volume.NAMELESS, 1, Status.PIPE | 0600, 1, 0, 0);
  }

  private static final class Input extends ByteStream {
    byte[] waiting = {};
    boolean ended;

    Input() {
      super(OpenFlag.RDONLY.bit());
    }

    @Override
    public byte @Nullable [] read(int most) {
      if (waiting.length == 0) {
        return ended ? waiting : null;
      }
      byte[] bytes = Arrays.copyOf(waiting, Math.min(most, waiting.length));
      waiting = Arrays.copyOfRange(waiting, bytes.length, waiting.length);
      return bytes;
    }

    @Override
    public int write(byte[] bytes) {
      throw new IllegalStateException("standard input");
    }

    @Override
    public boolean canRead() {
      return waiting.length > 0 || ended;
    }

    @Override
    public int available() {
      return waiting.length;
    }

    @Override
    public boolean hasBytes() {
      return waiting.length > 0;
    }

    @Override
    public boolean hasHungUp() {
      return ended;
    }

    @Override
    public boolean canWrite() {
      return false;
    }

    @Override
    public Status status() {
      return pipeStatus();
    }

    @Override
    public String path() {
      return "stdin";
    }
  }

  /**
   * What a program and its children write. Anybody may read along, on other threads than the one
   * that they run on.
   */
  public static final class Output extends ByteStream {
    private final String name;
    private ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long written;
    private boolean ended;

    private Output(String name) {
      super(OpenFlag.WRONLY.bit());
      this.name = name;
    }

    /**
     * Bytes that were written one after another.
     *
     * @param end how many had been written when the last of them was
     */
    public record Part(byte[] bytes, long end) {}

    /** What is kept. */
    public byte[] kept() {
      return after(0).bytes();
    }

    /** What is kept of that which was written after the first so many bytes. */
    public synchronized Part after(long first) {
      byte[] all = kept.toByteArray();
      int from = (int) Math.clamp(first - (written - all.length), 0, all.length);
      return new Part(Arrays.copyOfRange(all, from, all.length), written);
    }

    /** Waits until more than this has been written, nobody can write any more, or time is over. */
    public synchronized void await(long bytes, long millis) throws InterruptedException {
      if (written <= bytes && !ended) {
        wait(millis);
      }
    }

    /** Whether nobody has it open any more. */
    public synchronized boolean hasEnded() {
      return ended;
    }

    @Override
    protected synchronized void opened() {
      ended = false;
    }

    @Override
    protected synchronized void closed(FileSystem files) {
      ended = true;
      notifyAll();
    }

    @Override
    public byte @Nullable [] read(int most) {
      throw new IllegalStateException(name);
    }

    @Override
    public synchronized int write(byte[] bytes) {
      kept.write(bytes, 0, bytes.length);
      written += bytes.length;
      if (kept.size() > 2 * KEPT) {
        byte[] all = kept.toByteArray();
        kept = new ByteArrayOutputStream();
        kept.write(all, all.length - KEPT, KEPT);
      }
      notifyAll();
      return bytes.length;
    }

    @Override
    public boolean canRead() {
      return false;
    }

    @Override
    public boolean canWrite() {
      return true;
    }

    @Override
    public Status status() {
      return pipeStatus();
    }

    @Override
    public String path() {
      return name;
    }
  }
}
