package dev.faultline.kernel.fs;

/** What {@code poll(2)} and {@code epoll(7)} tell of an open file, in bits. */
public final class PollEvents {
  public static final int IN = 1;
  public static final int OUT = 4;
  public static final int ERR = 8;
  public static final int HUP = 0x10;
  public static final int NVAL = 0x20;
  private static final int RDNORM = 0x40;
  private static final int WRNORM = 0x100;
  private static final int RDHUP = 0x2000;
  private static final int READABLE = IN | RDNORM;
  private static final int WRITABLE = OUT | WRNORM;

  /** Told whether they were asked for or not. */
  public static final int ALWAYS = ERR | HUP;

  private PollEvents() {}

  /** What it is ready for now; a file that never makes anybody wait is always ready. */
  public static int of(Description open) {
    if (!(open instanceof ByteStream stream)) {
      return READABLE | WRITABLE;
    }
    int events = 0;
    if (stream.isReadable() && stream.hasBytes()) {
      events |= READABLE;
    }
    if (stream.isWritable() && stream.canWrite()) {
      events |= WRITABLE;
    }
    if (stream.hasHungUp()) {
      events |= stream.isReadable() ? HUP : ERR;
    }
    if (stream instanceof Socket socket) {
      events |= (socket.isAtEnd() ? RDHUP : 0) | (socket.isReset() ? ERR : 0);
    }
    return events;
  }
}
