package dev.faultline.kernel.fs;

import java.util.function.Supplier;

/**
 * A file whose bytes the kernel makes when it is opened, as those of {@code /proc} are.
 *
 * @param content may refuse, as when a process has gone
 */
public record GeneratedFile(long inode, String path, int mode, Supplier<Content> content)
    implements Inode {
  @Override
  public Status status() {
    return new Status(Volume.PROC, inode, Status.REGULAR | mode, 1, 0, 0);
  }
}
