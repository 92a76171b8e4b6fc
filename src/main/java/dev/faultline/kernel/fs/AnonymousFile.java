package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;

/** What has neither a name nor a type, and is all there is behind its descriptor. */
public abstract class AnonymousFile extends ByteStream {
  private final long inode;
  private final String kind;

  /**
   * @param inode the number that all of them have
   * @param kind as {@code /proc/PID/fd} names it
   */
  protected AnonymousFile(long inode, String kind, OpenFlag access, int flags) {
    super(flags & ~OpenFlag.ACCESS_MODE | access.bit());
    this.inode = inode;
    this.kind = kind;
  }

  @Override
  public final Status status() {
    return Status.anonymous(inode);
  }

  @Override
  public final String path() {
    return "anon_inode:" + kind;
  }
}
