package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.OpenFlag;
import org.jspecify.annotations.Nullable;

/** One of two connected sockets ({@code socketpair(2)}, AF_UNIX and SOCK_STREAM). */
public final class SocketEnd extends ByteStream {
  private final long inode;
  private final Pipe incoming;
  private final Pipe outgoing;
  private boolean readsNoMore;
  private boolean writesNoMore;

  SocketEnd(long inode, Pipe incoming, Pipe outgoing, int flags) {
    super(flags & ~OpenFlag.ACCESS_MODE | OpenFlag.RDWR.bit());
    this.inode = inode;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  @Override
  public byte @Nullable [] read(int most) {
    return readsNoMore ? new byte[0] : incoming.read(most);
  }

  /** Bytes that stay to be read ({@code MSG_PEEK}). */
  public byte @Nullable [] peek(int most) {
    return readsNoMore ? new byte[0] : incoming.peek(most);
  }

  @Override
  public int write(byte[] bytes) {
    if (writesNoMore) {
      throw new BrokenPipeException();
    }
    return outgoing.write(bytes);
  }

  /** {@code shutdown(2)}. */
  public void shutDown(boolean reading, boolean writing) {
    if (reading && !readsNoMore) {
      readsNoMore = true;
      incoming.removeReader();
    }
    if (writing && !writesNoMore) {
      writesNoMore = true;
      outgoing.removeWriter();
    }
  }

  @Override
  public boolean canRead() {
    return readsNoMore || incoming.canRead();
  }

  @Override
  public boolean canWrite() {
    return writesNoMore || outgoing.canWrite();
  }

  @Override
  public boolean takesAll() {
    return true;
  }

  @Override
  public int available() {
    return incoming.count();
  }

  /** Whether nobody will write to it any more. */
  boolean isAtEnd() {
    return readsNoMore || !incoming.hasWriters();
  }

  @Override
  public boolean hasHungUp() {
    return isAtEnd() && (writesNoMore || !outgoing.hasReaders());
  }

  @Override
  protected long activity() {
    return incoming.arrivals() + outgoing.departures();
  }

  @Override
  protected void opened() {
    incoming.addReader();
    outgoing.addWriter();
  }

  @Override
  protected void closed(FileSystem files) {
    shutDown(true, true);
  }

  @Override
  public Status status() {
    return new Status(Volume.NAMELESS, inode, Status.SOCKET | 0777, 1, 0, 0);
  }

  @Override
  public String label() {
    return "socket";
  }

  @Override
  public String path() {
    return "socket:[" + inode + "]";
  }
}
