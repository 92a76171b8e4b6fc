package dev.faultline.kernel.fs;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A file whose bytes the kernel makes when they are read, as those of {@code /proc} are.
 *
 * @param content null when what it would tell of is gone
 */
public record GeneratedFile(long inode, String path, int mode, Supplier<@Nullable Content> content)
    implements Inode {
  @Override
  public Status status() {
    return new Status(Volume.PROC, inode, Status.REGULAR | mode, 1, 0, 0);
  }
}
