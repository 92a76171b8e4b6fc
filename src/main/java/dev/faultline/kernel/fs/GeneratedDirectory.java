package dev.faultline.kernel.fs;

import java.util.NavigableMap;
import java.util.function.Supplier;

/** A directory whose names the kernel makes whenever it is looked at; nobody can add any. */
public final class GeneratedDirectory extends Directory {
  private final Supplier<NavigableMap<String, Inode>> names;

  public GeneratedDirectory(
      long number,
      Directory parent,
      String name,
      int mode,
      Supplier<NavigableMap<String, Inode>> names) {
    super(number, parent, name, mode, parent.attributes());
    this.names = names;
  }

  /** As in {@code /proc}, where directories have no size. */
  @Override
  public Status status() {
    Status kept = super.status();
    return new Status(Volume.PROC, kept.inode(), kept.mode(), kept.links(), 0, 0);
  }

  @Override
  NavigableMap<String, Inode> entries() {
    return names.get();
  }
}
