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

  public ByteStream standardOutput() {
    return standardOutput;
  }

  public ByteStream standardError() {
    return standardError;
  }

  /** What was written to standard output. */
  public byte[] output() {
    return standardOutput.kept.toByteArray();
  }

  public byte[] errors() {
    return standardError.kept.toByteArray();
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
    return new Status(1, Status.PIPE | 0600, 1, 0, 0);
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

  private static final class Output extends ByteStream {
    final String name;
    ByteArrayOutputStream kept = new ByteArrayOutputStream();

    Output(String name) {
      super(OpenFlag.WRONLY.bit());
      this.name = name;
    }

    @Override
    public byte @Nullable [] read(int most) {
      throw new IllegalStateException(name);
    }

    @Override
    public int write(byte[] bytes) {
      kept.write(bytes, 0, bytes.length);
      if (kept.size() > 2 * KEPT) {
        byte[] all = kept.toByteArray();
        kept = new ByteArrayOutputStream();
        kept.write(all, all.length - KEPT, KEPT);
      }
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
