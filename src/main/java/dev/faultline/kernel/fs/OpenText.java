package dev.faultline.kernel.fs;

/** A file whose bytes the kernel makes when it is opened, as those of {@code /proc} are. */
public final class OpenText extends Description {
  private static final int READ_ONLY = 0444;

  private final String path;
  private final byte[] bytes;
  private long position;

  public OpenText(String path, byte[] bytes, int flags) {
    super(flags);
    this.path = path;
    this.bytes = bytes;
  }

  public byte[] bytes() {
    return bytes;
  }

  public long position() {
    return position;
  }

  public void setPosition(long newPosition) {
    position = newPosition;
  }

  @Override
  public Status status() {
    return new Status(1, Status.REGULAR | READ_ONLY, 1, 0, 0);
  }

  @Override
  public String path() {
    return path;
  }
}
