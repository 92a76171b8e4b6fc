package dev.faultline.kernel.fs;

/**
 * A regular file that is open. Two descriptions of the same file are not the same: mappings of one
 * file merge only when they were made through one description.
 */
public final class OpenFile extends Description {
  private final RegularFile file;
  private final ReadaheadState readahead = new ReadaheadState();
  private long position;

  /**
   * @param flags as given to {@code openat(2)}
   */
  public OpenFile(RegularFile file, int flags) {
    super(flags);
    this.file = file;
  }

  @Override
  public RegularFile file() {
    return file;
  }

  public ReadaheadState readahead() {
    return readahead;
  }

  /** Where the next {@code read} or {@code write} begins. */
  public long position() {
    return position;
  }

  public void setPosition(long newPosition) {
    position = newPosition;
  }

  @Override
  public Status status() {
    return file.status();
  }

  @Override
  public String path() {
    return file.path();
  }

  @Override
  protected void opened() {
    file.hold();
  }

  @Override
  protected void closed(FileSystem files) {
    files
        .watches()
        .happened(file, isWritable() ? FileWatches.CLOSE_WRITE : FileWatches.CLOSE_NOWRITE);
    files.letGo(file);
  }
}
