package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Socket;
import dev.faultline.kernel.fs.Sockets;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Descriptors;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * System calls of sockets, as a kernel answers them that has networking but no address family
 * besides AF_UNIX ({@code net/socket.c}, {@code net/unix/af_unix.c}).
 */
final class SocketCallGroup implements CallGroup {
  private static final int SOCK_TYPE = 0xf;
  private static final int MODES = OpenFlag.CLOEXEC.bit() | OpenFlag.NONBLOCK.bit();
  private static final int SOCKET_MODE = 0777;

  /** {@code net.core.somaxconn}. */
  private static final int LONGEST_BACKLOG = 4096;

  private static final int MSG_PEEK = 2;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SHUT_RDWR = 2;

  private final Sockets sockets;
  private final Processes processes;
  private final UserAccess user;
  private final FileTransfer transfer;
  private final SocketMessages messages;
  private final SocketOptions options;
  private final Refusal refusal;

  SocketCallGroup(CallContext context) {
    this.sockets = new Sockets(context.files(), context.log());
    this.processes = context.processes();
    this.user = context.user();
    this.transfer = new FileTransfer(context);
    this.messages = new SocketMessages(context);
    this.options = new SocketOptions(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(198, "socket", "ddd", this::socket),
        SystemCall.ofProcess(199, "socketpair", "dddx", this::socketpair),
        SystemCall.ofProcess(200, "bind", "dxd", this::bind),
        SystemCall.ofProcess(201, "listen", "dd", this::listen),
        SystemCall.ofProcess(202, "accept", "fxx", (p, a) -> accept(p, a, 0)),
        SystemCall.ofProcess(203, "connect", "fxd", this::connect),
        SystemCall.ofProcess(204, "getsockname", "dxx", this::getsockname),
        SystemCall.ofProcess(205, "getpeername", "dxx", this::getpeername),
        new SystemCall(206, "sendto", "fxdxxd", this::sendto),
        SystemCall.ofProcess(207, "recvfrom", "fxdxxx", this::recvfrom),
        SystemCall.ofProcess(
            208, "setsockopt", "dddxd", (p, a) -> options.set(p, socket(p, a[0]), a)),
        SystemCall.ofProcess(
            209, "getsockopt", "dddxx", (p, a) -> options.get(p, socket(p, a[0]), a)),
        SystemCall.ofProcess(210, "shutdown", "dd", this::shutdown),
        new SystemCall(211, "sendmsg", "fxx", this::sendmsg),
        SystemCall.ofProcess(212, "recvmsg", "fxx", this::recvmsg),
        SystemCall.ofProcess(242, "accept4", "fxxx", (p, a) -> accept(p, a, (int) a[3])));
  }

  private Socket socket(Process process, long fd) {
    if (process.descriptors().get((int) fd) instanceof Socket socket) {
      return socket;
    }
    throw refusal.of(Errno.ENOTSOCK, StepKind.NO_SOCKET, (int) fd);
  }

  private RuntimeException refused(Errno errno, String call, long value) {
    return refusal.of(errno, StepKind.BAD_ARGUMENT, call, value);
  }

  // Making sockets and connections.

  /** {@code unix_create}: raw ones are those for datagrams. */
  private Socket.Type type(String call, long[] a) {
    int flags = (int) a[1] & ~SOCK_TYPE;
    if ((flags & ~MODES) != 0) {
      throw refused(Errno.EINVAL, call, flags);
    }
    if (a[0] != SocketMessages.AF_UNIX) {
      throw refusal.of(Errno.EAFNOSUPPORT, StepKind.NO_SOCKETS, a[0]);
    }
    if (a[2] != 0 && a[2] != SocketMessages.AF_UNIX) {
      throw refused(Errno.EPROTONOSUPPORT, call, a[2]);
    }
    return switch ((int) a[1] & SOCK_TYPE) {
      case 1 -> Socket.Type.STREAM;
      case 2, 3 -> Socket.Type.DATAGRAM;
      case 5 -> Socket.Type.PACKETS;
      default -> throw refused(Errno.ESOCKTNOSUPPORT, call, a[1]);
    };
  }

  private static Socket.Peer peer(Process process) {
    Owner owner = process.credentials().owner();
    return new Socket.Peer(process.pid(), owner.user(), owner.group());
  }

  private static int install(Process process, Description made) {
    int fd = process.descriptors().reserve();
    process.descriptors().install(fd, made);
    return fd;
  }

  private long socket(Process process, long[] a) {
    Socket.Type type = type("socket", a);
    return install(process, sockets.make(type, (int) a[1] & MODES));
  }

  private long socketpair(Process process, long[] a) {
    Socket.Type type = type("socketpair", a);
    user.prepareWrite(process.space(), a[3], 2 * Integer.BYTES);
    Descriptors descriptors = process.descriptors();
    int first = descriptors.reserve();
    int second = descriptors.reserve(first + 1);
    List<Socket> pair = sockets.pair(type, (int) a[1] & MODES, peer(process));
    descriptors.install(first, pair.getFirst());
    descriptors.install(second, pair.getLast());
    user.writeInt(process.space(), a[3], first);
    user.writeInt(process.space(), a[3] + Integer.BYTES, second);
    return 0;
  }

  private long bind(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    String name = messages.name(process.space(), a[1], (int) a[2]);
    if (!socket.name().isEmpty()) {
      throw refused(Errno.EINVAL, "bind", a[0]);
    }
    int mode = SOCKET_MODE & ~process.umask();
    sockets.bind(socket, process.directory(), name, mode, process.credentials().owner());
    return 0;
  }

  private long listen(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    if (socket.type() == Socket.Type.DATAGRAM) {
      throw refused(Errno.EOPNOTSUPP, "listen", a[0]);
    }
    if (socket.name().isEmpty() || socket.other() != null) {
      throw refused(Errno.EINVAL, "listen", a[0]);
    }
    socket.listen((int) Math.min(a[1] & 0xffff_ffffL, LONGEST_BACKLOG), peer(process));
    return 0;
  }

  private long connect(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    boolean isDatagram = socket.type() == Socket.Type.DATAGRAM;
    int family = user.readInt(process.space(), a[1]) & 0xffff;
    if (isDatagram && family == 0 && a[2] >= Short.BYTES) {
      socket.aim(null);
      return 0;
    }
    String name = messages.name(process.space(), a[1], (int) a[2]);
    if (name.isEmpty()) {
      throw refused(Errno.EINVAL, "connect", a[2]);
    }
    Socket target = sockets.named(process.directory(), name, socket.type());
    if (isDatagram) {
      socket.aim(target);
      return 0;
    }
    if (socket.other() != null) {
      throw refused(Errno.EISCONN, "connect", a[0]);
    }
    if (socket.isListening()) {
      throw refused(Errno.EINVAL, "connect", a[0]);
    }
    if (!target.isListening()) {
      throw refusal.of(Errno.ECONNREFUSED, StepKind.NO_SUCH_SOCKET, name.replace('\0', '@'));
    }
    if (!target.hasPlace()) {
      if (socket.isNonBlocking()) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, (int) a[0]);
      }
      throw new Blocked(target::hasPlace);
    }
    sockets.connect(socket, target, peer(process));
    return 0;
  }

  private long accept(Process process, long[] a, int flags) {
    Socket socket = socket(process, a[0]);
    if ((flags & ~MODES) != 0 || !socket.isListening()) {
      boolean cannot = socket.type() == Socket.Type.DATAGRAM;
      throw refused(cannot ? Errno.EOPNOTSUPP : Errno.EINVAL, "accept", flags);
    }
    if (!socket.canRead()) {
      if (socket.isNonBlocking()) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, (int) a[0]);
      }
      throw new Blocked(socket::canRead);
    }
    int fd = process.descriptors().reserve();
    Socket accepted = socket.accept();
    if (accepted == null) {
      throw refused(Errno.EINVAL, "accept", a[0]);
    }
    accepted.setFlags(flags);
    process.descriptors().install(fd, accepted, OpenFlag.CLOEXEC.in(flags));
    if (a[1] != 0) {
      messages.writeName(process.space(), nameOfOther(accepted), a[1], a[2]);
    }
    return fd;
  }

  private static String nameOfOther(Socket socket) {
    Socket other = socket.other();
    return other == null ? "" : other.name();
  }

  private long getsockname(Process process, long[] a) {
    messages.writeName(process.space(), socket(process, a[0]).name(), a[1], a[2]);
    return 0;
  }

  private long getpeername(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    if (socket.other() == null) {
      throw refused(Errno.ENOTCONN, "getpeername", a[0]);
    }
    messages.writeName(process.space(), nameOfOther(socket), a[1], a[2]);
    return 0;
  }

  private long shutdown(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    if (a[1] < 0 || a[1] > SHUT_RDWR) {
      throw refused(Errno.EINVAL, "shutdown", a[1]);
    }
    if (socket.other() == null && !socket.isListening()) {
      throw refused(Errno.ENOTCONN, "shutdown", a[0]);
    }
    socket.shutDown(a[1] != 1, a[1] != 0);
    return 0;
  }

  // Sending and receiving.

  private long sendto(Task task, long[] a) {
    Process process = task.process();
    Socket socket = socket(process, a[0]);
    Socket target = a[4] == 0 ? null : target(process, socket, a[4], (int) a[5]);
    FileTransfer.Bytes bytes = (offset, length) -> user.read(task.space(), a[1] + offset, length);
    return send(task, (int) a[0], a[2], bytes, (int) a[3], target, List.of());
  }

  private long sendmsg(Task task, long[] a) {
    Process process = task.process();
    Socket socket = socket(process, a[0]);
    SocketMessages.Header header = messages.header(process.space(), a[1]);
    List<Description> files = messages.files(process, header);
    Socket target =
        header.name() == 0 || header.nameLength() == 0
            ? null
            : target(process, socket, header.name(), header.nameLength());
    byte[] all = messages.gather(process.space(), header);
    FileTransfer.Bytes bytes = FileTransfer.of(all);
    return send(task, (int) a[0], all.length, bytes, (int) a[2], target, files);
  }

  /** Where a message goes that says so itself. */
  private Socket target(Process process, Socket socket, long address, int length) {
    if (socket.type() != Socket.Type.DATAGRAM) {
      boolean isConnected = socket.other() != null;
      throw refused(isConnected ? Errno.EISCONN : Errno.EOPNOTSUPP, "sendto", length);
    }
    String name = messages.name(process.space(), address, length);
    if (name.isEmpty()) {
      throw refused(Errno.EINVAL, "sendto", length);
    }
    return sockets.named(process.directory(), name, socket.type());
  }

  private long send(
      Task task,
      int fd,
      long length,
      FileTransfer.Bytes bytes,
      int flags,
      @Nullable Socket named,
      List<Description> files) {
    Socket socket = socket(task.process(), fd);
    boolean waits = (flags & MSG_DONTWAIT) == 0 && !socket.isNonBlocking();
    boolean signals = (flags & MSG_NOSIGNAL) == 0;
    if (socket.type() == Socket.Type.STREAM && files.isEmpty()) {
      return transfer.write(task, fd, socket, length, bytes, waits, signals);
    }
    socket.checkLength(length);
    Socket target = named != null ? named : socket.other();
    byte[] all = bytes.from(0, FileTransfer.length(length));
    int sent;
    try {
      sent = socket.send(all, target, files, peer(task.process()));
    } catch (ByteStream.BrokenPipeException broken) {
      if (signals) {
        int own = task.process().pid();
        processes.signals().send(task, Siginfo.from(Signal.SIGPIPE.number(), Siginfo.SI_USER, own));
      }
      throw refusal.of(Errno.EPIPE, StepKind.BROKEN_PIPE, fd);
    }
    if (sent == ByteStream.WOULD_BLOCK) {
      if (!waits) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, fd);
      }
      throw new Blocked(() -> socket.canSend(target, all.length));
    }
    return sent;
  }

  private long recvfrom(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    int wanted = FileTransfer.length(a[2]);
    user.prepareWrite(process.space(), a[1], Math.min(socket.available(), wanted));
    boolean stays = (a[3] & MSG_PEEK) != 0;
    Socket.Received got = receive(socket, (int) a[0], wanted, (int) a[3]);
    user.write(process.space(), a[1], got.bytes());
    if (a[4] != 0) {
      messages.writeName(process.space(), got.from(), a[4], a[5]);
    }
    if (!stays) {
      socket.letGo(got);
    }
    return length(got, (int) a[3]);
  }

  private long recvmsg(Process process, long[] a) {
    Socket socket = socket(process, a[0]);
    SocketMessages.Header header = messages.header(process.space(), a[1]);
    int wanted = header.length();
    messages.prepare(process.space(), header, Math.min(socket.available(), wanted));
    Socket.Received got = receive(socket, (int) a[0], wanted, (int) a[2]);
    messages.scatter(process.space(), header, got.bytes());
    messages.deliver(process, header, socket, got, (int) a[2]);
    if ((a[2] & MSG_PEEK) == 0) {
      socket.letGo(got);
    }
    return length(got, (int) a[2]);
  }

  private static long length(Socket.Received got, int flags) {
    return (flags & MSG_TRUNC) != 0 ? got.length() : got.bytes().length;
  }

  private Socket.Received receive(Socket socket, int fd, int wanted, int flags) {
    Socket.Received got = socket.receive(wanted, (flags & MSG_PEEK) != 0);
    if (got == null) {
      if (socket.isNonBlocking() || (flags & MSG_DONTWAIT) != 0) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, fd);
      }
      throw new Blocked(socket::canRead);
    }
    return got;
  }
}
