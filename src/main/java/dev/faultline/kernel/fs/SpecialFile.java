package dev.faultline.kernel.fs;

/** A name in a directory for something that has no bytes of its own: a FIFO or a socket. */
abstract sealed class SpecialFile implements Inode permits Fifo, SocketFile {
  private final long number;
  private final String path;
  private final int type;
  private final Attributes attributes;
  private int mode;

  SpecialFile(long number, String path, int type, int mode, Attributes attributes) {
    this.number = number;
    this.path = path;
    this.type = type;
    this.mode = mode;
    this.attributes = attributes;
  }

  /** The path under which it was made. */
  final String path() {
    return path;
  }

  final void setMode(int newMode) {
    mode = newMode;
    attributes.wasChanged();
  }

  @Override
  public final Status status() {
    return new Status(Volume.DISK, number, type | mode, 1, 0, attributes);
  }

  @Override
  public final void setTimes(long accessed, long modified) {
    attributes.set(accessed, modified);
  }

  @Override
  public final void setOwner(Attributes.Owner owner) {
    attributes.setOwner(owner);
  }
}
