package dev.faultline.kernel.fs;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory: names and what they stand for. */
public sealed class Directory implements Inode permits GeneratedDirectory {
  private static final int BLOCK = 4096;

  private final long number;
  private final NavigableMap<String, Inode> entries = new TreeMap<>();
  private String name;
  private @Nullable Directory parent;
  private int mode;
  private final Attributes attributes;

  /**
   * @param parent null for the root
   */
  Directory(long number, @Nullable Directory parent, String name, int mode, Attributes attributes) {
    this.attributes = attributes;
    this.number = number;
    this.parent = parent;
    this.name = name;
    this.mode = mode;
  }

  @Override
  public long number() {
    return number;
  }

  /** The directory above; the root's is the root. */
  public Directory parent() {
    return parent == null ? this : parent;
  }

  /** Where its name is; null for the root. */
  FileWatches.@Nullable Place place() {
    return parent == null ? null : new FileWatches.Place(parent, name);
  }

  /** Its path as it was made. */
  public String path() {
    if (parent == null) {
      return "/";
    }
    String above = parent.path();
    return above.equals("/") ? above + name : above + "/" + name;
  }

  /** The path of something in it. */
  String pathOf(String entry) {
    String path = path();
    return path.equals("/") ? path + entry : path + "/" + entry;
  }

  /** How many directories lie above it. */
  int depth() {
    int depth = 0;
    for (Directory at = this; at.parent() != at; at = at.parent()) {
      depth++;
    }
    return depth;
  }

  /** How many levels of directories it is, itself included. */
  int levels() {
    int deepest = 0;
    for (Inode inode : entries().values()) {
      if (inode instanceof Directory directory) {
        deepest = Math.max(deepest, directory.levels());
      }
    }
    return deepest + 1;
  }

  NavigableMap<String, Inode> entries() {
    return entries;
  }

  void moveTo(Directory newParent, String newName) {
    parent = newParent;
    name = newName;
  }

  void setMode(int newMode) {
    mode = newMode;
    attributes.wasChanged();
  }

  @Override
  public Status status() {
    long below = entries.values().stream().filter(Directory.class::isInstance).count();
    return new Status(
        Volume.DISK, number, Status.DIRECTORY | mode, (int) below + 2, BLOCK, attributes);
  }

  @Override
  public void setOwner(Attributes.Owner owner) {
    attributes.setOwner(owner);
  }

  /** Whose something new in it is: its group is handed on if its mode says so. */
  Attributes.Owner ownerOfNew(Attributes.Owner maker) {
    return handsGroupOn() ? new Attributes.Owner(maker.user(), attributes.owner().group()) : maker;
  }

  /** {@code S_ISGID}. */
  boolean handsGroupOn() {
    return (mode & Status.SETGID) != 0;
  }

  Attributes attributes() {
    return attributes;
  }

  @Override
  public void setTimes(long accessed, long modified) {
    attributes.set(accessed, modified);
  }
}
