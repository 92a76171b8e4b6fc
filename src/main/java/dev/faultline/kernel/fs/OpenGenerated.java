package dev.faultline.kernel.fs;

import org.jspecify.annotations.Nullable;

/**
 * A file of {@code /proc} that is open, with what it held when it was read from its beginning
 * ({@code fs/seq_file.c}).
 */
public final class OpenGenerated extends Description {
  private final GeneratedFile file;
  private @Nullable Content content;
  private long position;

  OpenGenerated(GeneratedFile file, int flags) {
    super(flags);
    this.file = file;
  }

  /** At most so many bytes from a position on; null when what the file tells of is gone. */
  public byte @Nullable [] read(long from, int most) {
    Content now = from == 0 || content == null ? file.content().get() : content;
    content = now;
    return now == null ? null : now.read(from, most);
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
