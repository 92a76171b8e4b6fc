package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;

/**
 * An open file description ({@code struct file}). Each {@code open} makes one, and two of the same
 * file are not the same: mappings of one file merge only when they were made through one
 * description.
 */
public final class OpenFile {
  private final RegularFile file;
  private final int flags;
  private final ReadaheadState readahead = new ReadaheadState();

  /**
   * @param flags as given to {@code openat(2)}
   */
  public OpenFile(RegularFile file, int flags) {
    this.file = file;
    this.flags = flags;
  }

  public RegularFile file() {
    return file;
  }

  public ReadaheadState readahead() {
    return readahead;
  }

  public int accessMode() {
    return flags & OpenFlag.ACCESS_MODE;
  }

  public boolean isAppending() {
    return OpenFlag.APPEND.in(flags);
  }

  public boolean isReadable() {
    return accessMode() != OpenFlag.WRONLY.bit();
  }

  public boolean isWritable() {
    return accessMode() != OpenFlag.RDONLY.bit();
  }
}
