package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A pipe ({@code pipe(7)}): bytes between its two ends. */
public final class Pipe {
  /** Up to so many bytes are written at once or not at all. */
  private static final int ATOMIC = 4096;

  private static final int CAPACITY = 65_536;

  private final long inode;
  private final byte[] ring = new byte[CAPACITY];
  private int first;
  private int count;
  private int readers;
  private int writers;

  Pipe(long inode) {
    this.inode = inode;
  }

  public ByteStream reader(int flags) {
    return new ReadEnd(flags);
  }

  public ByteStream writer(int flags) {
    return new WriteEnd(flags | OpenFlag.WRONLY.bit());
  }

  private ByteStream end(int flags) {
    return (flags & OpenFlag.ACCESS_MODE) == OpenFlag.RDONLY.bit() ? reader(flags) : writer(flags);
  }

  private Status status() {
    return new Status(inode, Status.PIPE | 0600, 1, 0, 0);
  }

  private final class ReadEnd extends ByteStream {
    ReadEnd(int flags) {
      super(flags);
    }

    @Override
    ByteStream reopen(int flags) {
      return end(flags);
    }

    @Override
    public byte @Nullable [] read(int most) {
      if (count == 0 && writers > 0) {
        return null;
      }
      byte[] bytes = new byte[Math.min(most, count)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = ring[(first + i) % CAPACITY];
      }
      first = (first + bytes.length) % CAPACITY;
      count -= bytes.length;
      return bytes;
    }

    @Override
    public int write(byte[] bytes) {
      throw new IllegalStateException("the reading end of a pipe");
    }

    @Override
    public boolean canRead() {
      return count > 0 || writers == 0;
    }

    @Override
    public boolean hasBytes() {
      return count > 0;
    }

    @Override
    public boolean hasHungUp() {
      return writers == 0;
    }

    @Override
    public boolean canWrite() {
      return false;
    }

    @Override
    public void hold() {
      readers++;
    }

    @Override
    public void letGo(FileSystem files) {
      readers--;
    }

    @Override
    public Status status() {
      return Pipe.this.status();
    }

    @Override
    public String path() {
      return "pipe:[" + inode + "]";
    }
  }

  private final class WriteEnd extends ByteStream {
    WriteEnd(int flags) {
      super(flags);
    }

    @Override
    ByteStream reopen(int flags) {
      return end(flags);
    }

    @Override
    public byte @Nullable [] read(int most) {
      throw new IllegalStateException("the writing end of a pipe");
    }

    @Override
    public int write(byte[] bytes) {
      if (readers == 0) {
        throw new BrokenPipeException();
      }
      int free = CAPACITY - count;
      int taken = bytes.length <= ATOMIC && bytes.length > free ? 0 : Math.min(bytes.length, free);
      if (taken == 0 && bytes.length > 0) {
        return WOULD_BLOCK;
      }
      for (byte b : Arrays.copyOf(bytes, taken)) {
        ring[(first + count++) % CAPACITY] = b;
      }
      return taken;
    }

    @Override
    public boolean canRead() {
      return false;
    }

    @Override
    public boolean canWrite() {
      return count <= CAPACITY - ATOMIC || readers == 0;
    }

    @Override
    public boolean hasHungUp() {
      return readers == 0;
    }

    @Override
    public void hold() {
      writers++;
    }

    @Override
    public void letGo(FileSystem files) {
      writers--;
    }

    @Override
    public Status status() {
      return Pipe.this.status();
    }

    @Override
    public String path() {
      return "pipe:[" + inode + "]";
    }
  }
}
