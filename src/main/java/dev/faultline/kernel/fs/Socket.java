package dev.faultline.kernel.fs;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.log.Errno;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A socket of AF_UNIX ({@code net/unix/af_unix.c}). A stream or a sequence of packets goes between
 * two that are connected, for good; a datagram goes to any that has a name, and to be connected
 * says only where it goes when nothing else is said.
 *
 * <p>Whoever connects is connected at once: the other end is made for it, and waits among the
 * {@link #pending} ones of the socket that listens until it is accepted.
 */
public final class Socket extends ByteStream {
  /** With the numbers that {@code socket(2)} has for them. */
  public enum Type {
    STREAM(1),
    DATAGRAM(2),
    PACKETS(5);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    public int number() {
      return number;
    }
  }

  /** Who is at an end ({@code struct ucred}). */
  public record Peer(int pid, int user, int group) {
    public static final Peer NOBODY = new Peer(0, -1, -1);
  }

  private final long inode;
  private final Type type;
  private final FileSystem files;
  private final SocketQueue incoming;
  private final Deque<Socket> pending = new ArrayDeque<>();
  private Peer peer = Peer.NOBODY;
  private Peer listener = Peer.NOBODY;
  private String name = "";
  private @Nullable Socket other;
  private Runnable whenClosed = () -> {};
  private int backlog = -1;
  private boolean isClosed;
  private boolean readsNoMore;
  private boolean writesNoMore;
  private boolean isReset;
  private boolean tellsSenders;
  private long changes;

  Socket(long inode, Type type, int flags, FileSystem files) {
    super(flags & ~OpenFlag.ACCESS_MODE | OpenFlag.RDWR.bit());
    this.inode = inode;
    this.type = type;
    this.files = files;
    this.incoming = new SocketQueue(type != Type.STREAM);
  }

  public Type type() {
    return type;
  }

  /** What it is bound to, as bytes of Latin-1; an abstract name begins with a zero. */
  public String name() {
    return name;
  }

  /** The socket that it is connected to; null for none. */
  public @Nullable Socket other() {
    return other;
  }

  /** Who made the other end. */
  public Peer peer() {
    return peer;
  }

  public boolean isListening() {
    return backlog >= 0;
  }

  /** Whether messages are received with who sent them ({@code SO_PASSCRED}). */
  public boolean tellsSenders() {
    return tellsSenders;
  }

  public void setTellsSenders(boolean tells) {
    tellsSenders = tells;
  }

  // Names and connections.

  /**
   * @param atEnd what gives the name back
   */
  void bind(String newName, Runnable atEnd) {
    name = newName;
    whenClosed = atEnd;
  }

  /** {@code listen(2)}. */
  public void listen(int length, Peer maker) {
    backlog = length;
    listener = maker;
  }

  /** They are connected to each other from now on. */
  void join(Socket with, Peer here, Peer there) {
    other = with;
    with.other = this;
    peer = there;
    with.peer = here;
  }

  /** Where datagrams go from now on; null for nowhere. */
  public void aim(@Nullable Socket target) {
    other = target;
  }

  /** Whether one more may wait to be accepted. */
  public boolean hasPlace() {
    return isClosed || pending.size() <= backlog;
  }

  /**
   * A socket connects to this one, which listens.
   *
   * @param end the other end, for whoever accepts it
   */
  void connect(Socket from, Socket end, Peer maker) {
    end.name = name;
    from.join(end, maker, listener);
    pending.add(end);
    changes++;
    from.changes++;
  }

  /** The one that has waited longest; null when none waits. */
  public @Nullable Socket accept() {
    Socket accepted = pending.poll();
    changes += accepted == null ? 0 : 1;
    return accepted;
  }

  public boolean isClosed() {
    return isClosed;
  }

  // Bytes and messages.

  /**
   * What was received.
   *
   * @param length of the message, of which more may be lost than was received
   */
  public record Received(
      byte[] bytes, int length, String from, List<Description> files, Peer sender) {
    static final Received END = new Received(new byte[0], 0, "", List.of(), Peer.NOBODY);
  }

  /**
   * What is there to be received, nothing at the end; null when it may come yet. Files in it are
   * held for the caller, but for those of what stays.
   */
  public @Nullable Received receive(int most, boolean stays) {
    boolean isConnected = other != null || type == Type.DATAGRAM;
    if (!isConnected && incoming.isEmpty()) {
      throw new LinuxError(type == Type.STREAM ? Errno.EINVAL : Errno.ENOTCONN);
    }
    Received got = incoming.take(most, stays);
    if (got == null && takeReset()) {
      throw new LinuxError(Errno.ECONNRESET);
    }
    return got == null && isAtEnd() ? Received.END : got;
  }

  /** Whether the other end went without having read everything. */
  boolean isReset() {
    return isReset;
  }

  /** The same, told once ({@code sk_err}). */
  public boolean takeReset() {
    boolean was = isReset;
    isReset = false;
    return was;
  }

  /** Whoever received files with it has taken what he wanted of them. */
  public void letGo(Received received) {
    received.files.forEach(file -> file.letGo(files));
  }

  @Override
  public byte @Nullable [] read(int most) {
    Received received = receive(most, false);
    if (received == null) {
      return null;
    }
    letGo(received);
    return received.bytes;
  }

  @Override
  public int write(byte[] bytes) {
    return send(bytes, other, List.of(), other == null ? Peer.NOBODY : other.peer);
  }

  /**
   * Sends a message, or as much of a stream as there is room for.
   *
   * @param target null where there is none
   * @return how much went, or {@link ByteStream#WOULD_BLOCK}
   */
  public int send(byte[] bytes, @Nullable Socket target, List<Description> files, Peer sender) {
    if (target == null) {
      throw new LinuxError(Errno.ENOTCONN);
    }
    if (writesNoMore) {
      throw new BrokenPipeException();
    }
    if (target.isClosed || target.readsNoMore) {
      if (type == Type.DATAGRAM) {
        throw new LinuxError(target.isClosed ? Errno.ECONNREFUSED : Errno.EPIPE);
      }
      throw new BrokenPipeException();
    }
    checkLength(bytes.length);
    if (type == Type.STREAM && bytes.length == 0) {
      return 0;
    }
    int room = target.incoming.room(bytes.length, type == Type.DATAGRAM);
    if (room < 0) {
      return WOULD_BLOCK;
    }
    byte[] sent = room == bytes.length ? bytes : Arrays.copyOf(bytes, room);
    target.incoming.add(new SocketQueue.Message(sent, name, files, sender));
    return room;
  }

  /** A message goes as a whole or not at all. */
  public void checkLength(long length) {
    if (type != Type.STREAM && Long.compareUnsigned(length, SocketQueue.LONGEST) > 0) {
      throw new LinuxError(Errno.EMSGSIZE);
    }
  }

  /** Whether {@link #send} has an answer. */
  public boolean canSend(@Nullable Socket target, int length) {
    return writesNoMore
        || target == null
        || target.isClosed
        || target.readsNoMore
        || target.incoming.room(length, type == Type.DATAGRAM) >= 0;
  }

  /** {@code shutdown(2)}: of a stream both ends learn of it. */
  public void shutDown(boolean reading, boolean writing) {
    readsNoMore |= reading;
    writesNoMore |= writing;
    changes++;
    if (other != null && type != Type.DATAGRAM) {
      other.readsNoMore |= writing;
      other.writesNoMore |= reading;
      other.changes++;
    }
  }

  // What a descriptor asks.

  @Override
  public boolean canRead() {
    return !pending.isEmpty() || !incoming.isEmpty() || isAtEnd();
  }

  @Override
  public boolean canWrite() {
    return !isListening() && canSend(other, 1);
  }

  @Override
  public boolean canWrite(byte[] bytes) {
    return canSend(other, bytes.length);
  }

  @Override
  public boolean takesAll() {
    return type == Type.STREAM;
  }

  @Override
  public int available() {
    return incoming.count();
  }

  /** Whether nobody will send to it any more. */
  boolean isAtEnd() {
    return readsNoMore || type != Type.DATAGRAM && other != null && other.isClosed;
  }

  @Override
  public boolean hasHungUp() {
    boolean isOver = isAtEnd() && (writesNoMore || other != null && other.isClosed);
    return isOver || type != Type.DATAGRAM && other == null && !isListening();
  }

  @Override
  protected long activity() {
    return changes + incoming.arrivals() + (other == null ? 0 : other.incoming.departures());
  }

  @Override
  protected void closed(FileSystem fileSystem) {
    close(fileSystem, !incoming.isEmpty());
  }

  private void close(FileSystem fileSystem, boolean resets) {
    isClosed = true;
    whenClosed.run();
    incoming.drop(fileSystem);
    pending.forEach(end -> end.close(fileSystem, true));
    pending.clear();
    if (other != null) {
      other.changes++;
      other.isReset |= resets && type != Type.DATAGRAM;
    }
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
