package dev.faultline.kernel.fs;

/** A file of {@code /proc} that is open, with what it held when it was opened. */
public final class OpenGenerated extends Description {
  private final GeneratedFile file;
  private final Content content;
  private long position;

  OpenGenerated(GeneratedFile file, int flags) {
    super(flags);
    this.file = file;
    this.content = file.content().get();
  }

  public Content content() {
    return content;
  }

  public long position() {
    return position;
  }

  public void setPosition(long newPosition) {
    position = newPosition;
  }

  @Override
  public Inode file() {
    return file;
  }

  @Override
  public Status status() {
    return file.status();
  }

  @Override
  public String path() {
    return file.path();
  }
}
