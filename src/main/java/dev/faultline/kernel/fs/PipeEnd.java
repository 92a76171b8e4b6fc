package dev.faultline.kernel.fs;

import org.jspecify.annotations.Nullable;

/** A pipe that is open for reading, for writing or, where it has a name, for both. */
public final class PipeEnd extends ByteStream {
  private final Pipe pipe;

  /** How many there had been on the other side when this end was made. */
  private final long partnersBefore;

  PipeEnd(Pipe pipe, int flags) {
    super(flags);
    this.pipe = pipe;
    partnersBefore = partnersEver();
  }

  private long partnersEver() {
    return isReadable() ? pipe.writersEver() : pipe.readersEver();
  }

  /** Whether somebody is at the other side, or has been since ({@code fifo_open}). */
  public boolean hasMet() {
    boolean isThere = isReadable() ? pipe.hasWriters() : pipe.hasReaders();
    return isThere || partnersEver() != partnersBefore;
  }

  public Pipe pipe() {
    return pipe;
  }

  /** Whether {@code open} waits for somebody at the other side. */
  public boolean isFifo() {
    return pipe.fifo() != null;
  }

  @Override
  public Inode file() {
    Fifo fifo = pipe.fifo();
    return fifo != null ? fifo : super.file();
  }

  @Override
  ByteStream reopen(int flags) {
    return pipe.end(flags);
  }

  @Override
  public byte @Nullable [] read(int most) {
    return pipe.read(most);
  }

  @Override
  public int write(byte[] bytes) {
    return pipe.write(bytes);
  }

  @Override
  public boolean canRead() {
    return isReadable() && pipe.canRead();
  }

  @Override
  public boolean canWrite() {
    return isWritable() && pipe.canWrite();
  }

  @Override
  public boolean hasBytes() {
    return isReadable() && pipe.count() > 0;
  }

  @Override
  public boolean takesAll() {
    return true;
  }

  @Override
  public int available() {
    return pipe.count();
  }

  @Override
  public boolean hasHungUp() {
    return isReadable()
        ? !pipe.hasWriters() && partnersEver() != partnersBefore
        : !pipe.hasReaders();
  }

  @Override
  protected long activity() {
    return (isReadable() ? pipe.arrivals() : 0) + (isWritable() ? pipe.departures() : 0);
  }

  @Override
  protected void opened() {
    if (isReadable()) {
      pipe.addReader();
    }
    if (isWritable()) {
      pipe.addWriter();
    }
  }

  @Override
  protected void closed(FileSystem files) {
    if (isReadable()) {
      pipe.removeReader();
    }
    if (isWritable()) {
      pipe.removeWriter();
    }
  }

  @Override
  public Status status() {
    return pipe.status();
  }

  @Override
  public String label() {
    return isFifo() ? path() : "pipe";
  }

  @Override
  public String path() {
    return pipe.path();
  }
}
