package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;

/**
 * An open file description ({@code struct file}): what a descriptor stands for. Each {@code open}
 * makes one; {@code dup} and {@code fork} only let another descriptor hold it.
 */
public abstract sealed class Description
    permits OpenFile, OpenDirectory, OpenGenerated, ByteStream {
  private int flags;
  private int holders;

  /**
   * @param flags as given to {@code openat(2)}
   */
  Description(int flags) {
    this.flags = flags;
  }

  /** What is open. */
  public abstract Inode file();

  /** What {@code stat} says about it. */
  public abstract Status status();

  /** What people call it. */
  public abstract String path();

  /** What rows and stories call it: the same for all of a kind that have only numbers. */
  public String label() {
    return path();
  }

  public long inode() {
    return status().inode();
  }

  public int flags() {
    return flags;
  }

  /** {@code F_SETFL}: only APPEND and NONBLOCK can change. */
  public void setFlags(int newFlags) {
    int changing = OpenFlag.APPEND.bit() | OpenFlag.NONBLOCK.bit();
    flags = flags & ~changing | newFlags & changing;
  }

  public int accessMode() {
    return flags & OpenFlag.ACCESS_MODE;
  }

  public boolean isAppending() {
    return OpenFlag.APPEND.in(flags);
  }

  public boolean isNonBlocking() {
    return OpenFlag.NONBLOCK.in(flags);
  }

  public boolean isReadable() {
    return accessMode() != OpenFlag.WRONLY.bit();
  }

  public boolean isWritable() {
    return accessMode() != OpenFlag.RDONLY.bit();
  }

  /** One more descriptor, of any process, stands for it. */
  public final void hold() {
    holders++;
    if (holders == 1) {
      opened();
    }
  }

  /** One descriptor less. */
  public final void letGo(FileSystem files) {
    holders--;
    if (holders == 0) {
      files.locks().releaseAll(this, this);
      closed(files);
    }
  }

  /** Whether a descriptor stands for it. */
  final boolean isOpen() {
    return holders > 0;
  }

  /** It has its first descriptor. */
  protected void opened() {}

  /** It has lost its last one. */
  protected void closed(FileSystem files) {}
}
