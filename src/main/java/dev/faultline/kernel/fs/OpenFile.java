package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;

/**
 * An open file description ({@code struct file}).
 *
 * @param flags as given to {@code openat(2)}
 */
public record OpenFile(RegularFile file, int flags) {
  public int accessMode() {
    return flags & OpenFlag.ACCESS_MODE;
  }

  public boolean isReadable() {
    return accessMode() != OpenFlag.WRONLY.bit();
  }

  public boolean isWritable() {
    return accessMode() != OpenFlag.RDONLY.bit();
  }
}
