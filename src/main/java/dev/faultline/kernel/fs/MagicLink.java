package dev.faultline.kernel.fs;

import java.util.function.Supplier;

/**
 * A link of {@code /proc} that leads to a file itself, whatever name that has by now; its text is
 * only for people ({@code proc_pid_get_link}).
 */
public record MagicLink(long inode, String text, Supplier<Inode> target) implements Inode {
  private static final int OWNER = 0700;

  @Override
  public Status status() {
    return new Status(inode, Status.LINK | OWNER, 1, 64, 0);
  }
}
