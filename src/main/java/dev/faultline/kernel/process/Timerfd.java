package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.fs.AnonymousFile;
import dev.faultline.kernel.fs.FileSystem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A timer that is read as a file: how often it has expired ({@code timerfd_create(2)}). */
public final class Timerfd extends AnonymousFile {
  private final boolean isRealTime;
  private final Timers timers;
  private final Timers.Timer timer = new Expirations();
  private long expirations;
  private long activity;

  /**
   * @param isRealTime whether its clock counts from 1970
   */
  public Timerfd(long inode, boolean isRealTime, Timers timers, int flags) {
    super(inode, "[timerfd]", OpenFlag.RDWR, flags);
    this.isRealTime = isRealTime;
    this.timers = timers;
  }

  private final class Expirations extends Timers.Timer {
    @Override
    void expired(int times) {
      expirations += times;
      activity++;
    }

    /** Who waits for it can go on the first time; what comes later is only counted. */
    @Override
    boolean matters() {
      return expirations == 0;
    }

    @Override
    void reset() {
      expirations = 0;
    }
  }

  public Timers.Timer timer() {
    return timer;
  }

  public boolean isRealTime() {
    return isRealTime;
  }

  @Override
  public byte @Nullable [] read(int most) {
    if (expirations == 0) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(0, expirations);
    expirations = 0;
    return bytes.array();
  }

  @Override
  public int write(byte[] bytes) {
    return INVALID;
  }

  @Override
  public boolean canRead() {
    return expirations != 0;
  }

  @Override
  public boolean canWrite() {
    return false;
  }

  @Override
  public int leastRead() {
    return Long.BYTES;
  }

  @Override
  protected long activity() {
    return activity;
  }

  @Override
  protected void closed(FileSystem files) {
    timers.set(timer, 0, 0);
  }
}
