package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileSystem;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The open files that a system call works on while it waits ({@code fdget}): it goes on with them
 * whatever other threads make of their descriptors meanwhile, and they stay open until it is over.
 */
final class HeldFiles {
  static final HeldFiles NONE = new HeldFiles(new TreeMap<>());

  private final NavigableMap<Integer, Description> byNumber;

  private HeldFiles(NavigableMap<Integer, Description> byNumber) {
    this.byNumber = byNumber;
  }

  static HeldFiles of(NavigableMap<Integer, Description> byNumber) {
    byNumber.values().forEach(Description::hold);
    return byNumber.isEmpty() ? NONE : new HeldFiles(byNumber);
  }

  @Nullable Description find(int fd) {
    return byNumber.get(fd);
  }

  void letGo(FileSystem files) {
    byNumber.values().forEach(file -> file.letGo(files));
  }
}
