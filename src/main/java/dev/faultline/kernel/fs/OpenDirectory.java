package dev.faultline.kernel.fs;

import java.util.ArrayList;
import java.util.List;

/** A directory that is open, to be read or to be a place to start from. */
public final class OpenDirectory extends Description {
  /**
   * What {@code getdents64} tells of a name.
   *
   * @param type {@code DT_DIR} and so on
   */
  public record Entry(String name, long inode, int type) {}

  private final Directory directory;
  private int position;

  OpenDirectory(Directory directory, int flags) {
    super(flags);
    this.directory = directory;
  }

  @Override
  public Inode file() {
    return directory;
  }

  public Directory directory() {
    return directory;
  }

  /** How many entries have been read. */
  public int position() {
    return position;
  }

  public void setPosition(int newPosition) {
    position = newPosition;
  }

  /** All entries, {@code .} and {@code ..} first, the others by name. */
  public List<Entry> entries() {
    List<Entry> all = new ArrayList<>();
    all.add(new Entry(".", directory.number(), Status.DIRECTORY >>> 12));
    all.add(new Entry("..", directory.parent().number(), Status.DIRECTORY >>> 12));
    directory
        .entries()
        .forEach((name, inode) ->
            all.add(new Entry(name, inode.number(), inode.status().mode() >>> 12)));
    return all;
  }

  @Override
  protected void closed(FileSystem files) {
    files.watches().happened(directory, FileWatches.CLOSE_NOWRITE);
  }

  @Override
  public Status status() {
    return directory.status();
  }

  @Override
  public String path() {
    return directory.path();
  }
}
