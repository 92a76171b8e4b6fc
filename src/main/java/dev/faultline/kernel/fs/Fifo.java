package dev.faultline.kernel.fs;

/** A pipe that has a name ({@code fifo(7)}). */
public final class Fifo implements Inode {
  private final long number;
  private final String path;
  private final Attributes attributes;
  private final Pipe pipe;
  private int mode;

  Fifo(long number, String path, int mode, Attributes attributes) {
    this.number = number;
    this.path = path;
    this.mode = mode;
    this.attributes = attributes;
    this.pipe = new Pipe(number, this);
  }

  Pipe pipe() {
    return pipe;
  }

  /** The path under which it was made. */
  String path() {
    return path;
  }

  void setMode(int newMode) {
    mode = newMode;
    attributes.wasChanged();
  }

  @Override
  public Status status() {
    return new Status(Volume.DISK, number, Status.PIPE | mode, 1, 0, attributes);
  }

  @Override
  public void setTimes(long accessed, long modified) {
    attributes.set(accessed, modified);
  }

  @Override
  public void setOwner(Attributes.Owner owner) {
    attributes.setOwner(owner);
  }
}
