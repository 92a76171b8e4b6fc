package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A counter that is read and written as a file ({@code eventfd(2)}). */
public final class Eventfd extends AnonymousFile {
  /** The highest that it counts: one less than all bits. */
  private static final long HIGHEST = -2;

  private final boolean isSemaphore;
  private long count;
  private long writes;

  /**
   * @param isSemaphore whether a read takes one instead of everything
   */
  Eventfd(long inode, long count, boolean isSemaphore, int flags) {
    super(inode, "[eventfd]", OpenFlag.RDWR, flags);
    this.count = count;
    this.isSemaphore = isSemaphore;
  }

  private static ByteBuffer order(ByteBuffer buffer) {
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public byte @Nullable [] read(int most) {
    if (count == 0) {
      return null;
    }
    long taken = isSemaphore ? 1 : count;
    count -= taken;
    return order(ByteBuffer.allocate(Long.BYTES)).putLong(0, taken).array();
  }

  @Override
  public int write(byte[] bytes) {
    if (bytes.length < Long.BYTES || added(bytes) == -1) {
      return INVALID;
    }
    if (!canWrite(bytes)) {
      return WOULD_BLOCK;
    }
    count += added(bytes);
    writes++;
    return Long.BYTES;
  }

  private static long added(byte[] bytes) {
    return order(ByteBuffer.wrap(bytes)).getLong(0);
  }

  @Override
  public boolean canRead() {
    return count != 0;
  }

  @Override
  public boolean canWrite() {
    return count != HIGHEST;
  }

  @Override
  public boolean canWrite(byte[] bytes) {
    return Long.compareUnsigned(added(bytes), HIGHEST - count) <= 0;
  }

  @Override
  public int leastRead() {
    return Long.BYTES;
  }

  @Override
  protected long activity() {
    return writes;
  }
}
