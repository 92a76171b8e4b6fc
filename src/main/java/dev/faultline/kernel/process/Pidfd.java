package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.fs.AnonymousFile;
import org.jspecify.annotations.Nullable;

/** A process as a file, which can be read when it has ended ({@code pidfd_open(2)}). */
public final class Pidfd extends AnonymousFile {
  private final Process process;

  public Pidfd(long inode, Process process, int flags) {
    super(inode, "[pidfd]", OpenFlag.RDWR, flags | OpenFlag.CLOEXEC.bit());
    this.process = process;
  }

  public Process process() {
    return process;
  }

  @Override
  public byte @Nullable [] read(int most) {
    throw new IllegalStateException("a process is not read");
  }

  @Override
  public int leastRead() {
    return Integer.MAX_VALUE;
  }

  @Override
  public int write(byte[] bytes) {
    return INVALID;
  }

  @Override
  public boolean canRead() {
    return !process.isAlive();
  }

  @Override
  public boolean canWrite() {
    return false;
  }

  @Override
  protected long activity() {
    return process.isAlive() ? 0 : 1;
  }
}
