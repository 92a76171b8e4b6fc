package dev.faultline.kernel.fs;

/** A symbolic link and where it leads. */
public record SymbolicLink(long inode, String target) implements Inode {
  private static final int EVERYTHING = 0777;

  @Override
  public Status status() {
    return new Status(inode, Status.LINK | EVERYTHING, 1, target.length(), 0);
  }
}
