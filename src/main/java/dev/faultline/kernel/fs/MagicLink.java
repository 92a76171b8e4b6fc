package dev.faultline.kernel.fs;

import java.util.function.Supplier;

/**
 * A link of {@code /proc} that leads to a file itself, whatever name that has by now; its text is
 * only for people ({@code proc_pid_get_link}).
 */
public record MagicLink(long inode, String text, int mode, int size, Supplier<Inode> target)
    implements Inode {
  @Override
  public Status status() {
    return new Status(Volume.PROC, inode, Status.LINK | mode, 1, size, 0);
  }
}
