package dev.faultline.kernel.fs;

/** A pipe that has a name ({@code fifo(7)}). */
public final class Fifo extends SpecialFile {
  private final Pipe pipe;

  Fifo(long number, String path, int mode, Attributes attributes) {
    super(number, path, Status.PIPE, mode, attributes);
    this.pipe = new Pipe(number, this);
  }

  Pipe pipe() {
    return pipe;
  }
}
