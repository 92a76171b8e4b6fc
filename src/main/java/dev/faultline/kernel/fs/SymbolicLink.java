package dev.faultline.kernel.fs;

import org.jspecify.annotations.Nullable;

/**
 * A symbolic link and where it leads.
 *
 * @param times null for a link of the kernel's own
 */
public record SymbolicLink(long inode, String target, @Nullable FileTimes times) implements Inode {
  private static final int EVERYTHING = 0777;

  /** A link that keeps no times. */
  public SymbolicLink(long inode, String target) {
    this(inode, target, null);
  }

  @Override
  public Status status() {
    int size = times == null ? 0 : target.length();
    return new Status(inode, Status.LINK | EVERYTHING, 1, size, 0, moments());
  }

  @Override
  public void setTimes(long accessed, long modified) {
    if (times != null) {
      times.set(accessed, modified);
    }
  }

  private FileTimes.Moments moments() {
    return times == null ? FileTimes.Moments.NONE : times.moments();
  }
}
