package dev.faultline.kernel.fs;

import org.jspecify.annotations.Nullable;

/**
 * A symbolic link and where it leads.
 *
 * @param attributes null for a link of {@code /proc}
 */
public record SymbolicLink(long inode, String target, @Nullable Attributes attributes)
    implements Inode {
  private static final int EVERYTHING = 0777;

  /** A link that keeps no attributes. */
  public SymbolicLink(long inode, String target) {
    this(inode, target, null);
  }

  @Override
  public Status status() {
    int mode = Status.LINK | EVERYTHING;
    return attributes == null
        ? new Status(Volume.PROC, inode, mode, 1, 0, 0)
        : new Status(Volume.DISK, inode, mode, 1, target.length(), attributes);
  }

  @Override
  public void setTimes(long accessed, long modified) {
    if (attributes != null) {
      attributes.set(accessed, modified);
    }
  }

  @Override
  public void setOwner(Attributes.Owner owner) {
    if (attributes != null) {
      attributes.setOwner(owner);
    }
  }
}
