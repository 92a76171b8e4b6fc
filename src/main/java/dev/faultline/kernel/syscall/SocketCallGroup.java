package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.AnonymousInodes;
import dev.faultline.kernel.fs.SocketEnd;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Descriptors;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * System calls of sockets, as a kernel answers them that has networking but no address family
 * ({@code net/socket.c}): the only ones are pairs of streams that are connected from the beginning.
 */
public final class SocketCallGroup implements CallGroup {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_TYPE = 0xf;
  private static final int MODES = OpenFlag.CLOEXEC.bit() | OpenFlag.NONBLOCK.bit();
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_ERROR = 4;
  private static final int SO_DOMAIN = 39;
  private static final int MSG_PEEK = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SHUT_RDWR = 2;

  /** Calls that a connected pair of streams has no use for. */
  private static final Map<Integer, String> FOR_ADDRESSES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(200, "bind"),
              Map.entry(201, "listen"),
              Map.entry(202, "accept"),
              Map.entry(203, "connect"),
              Map.entry(208, "setsockopt"),
              Map.entry(211, "sendmsg"),
              Map.entry(212, "recvmsg"),
              Map.entry(242, "accept4")));

  private final AnonymousInodes inodes;
  private final UserAccess user;
  private final FileTransfer transfer;
  private final Refusal refusal;

  public SocketCallGroup(CallContext context) {
    this.inodes = new AnonymousInodes(context.files());
    this.user = context.user();
    this.transfer = new FileTransfer(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    List<SystemCall> calls = new ArrayList<>();
    calls.add(SystemCall.ofProcess(198, "socket", "ddd", this::none));
    calls.add(SystemCall.ofProcess(199, "socketpair", "dddx", this::socketpair));
    calls.add(SystemCall.ofProcess(204, "getsockname", "dxx", this::name));
    calls.add(SystemCall.ofProcess(205, "getpeername", "dxx", this::name));
    calls.add(new SystemCall(206, "sendto", "fxdxxd", this::sendto));
    calls.add(SystemCall.ofProcess(207, "recvfrom", "fxdxxx", this::recvfrom));
    calls.add(SystemCall.ofProcess(209, "getsockopt", "dddxx", this::getsockopt));
    calls.add(SystemCall.ofProcess(210, "shutdown", "dd", this::shutdown));
    FOR_ADDRESSES.forEach(
        (number, name) -> calls.add(SystemCall.ofProcess(number, name, "dxx", this::notModelled)));
    return calls;
  }

  private long none(Process process, long[] a) {
    throw refusal.of(Errno.EAFNOSUPPORT, StepKind.NO_SOCKETS, a[0]);
  }

  private SocketEnd socket(Process process, long fd) {
    if (process.descriptors().get((int) fd) instanceof SocketEnd socket) {
      return socket;
    }
    throw refusal.of(Errno.ENOTSOCK, StepKind.NO_SOCKET, (int) fd);
  }

  private long notModelled(Process process, long[] a) {
    socket(process, a[0]);
    throw refusal.of(Errno.EOPNOTSUPP, StepKind.NO_SOCKETS, AF_UNIX);
  }

  private long socketpair(Process process, long[] a) {
    int type = (int) a[1] & ~MODES;
    if (a[0] != AF_UNIX || (type & SOCK_TYPE) != SOCK_STREAM) {
      throw refusal.of(Errno.EAFNOSUPPORT, StepKind.NO_SOCKETS, a[0]);
    }
    if (type != SOCK_STREAM || a[2] != 0 && a[2] != AF_UNIX) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "socketpair", type);
    }
    user.prepareWrite(process.space(), a[3], 2 * Integer.BYTES);
    Descriptors descriptors = process.descriptors();
    int first = descriptors.reserve();
    int second = descriptors.reserve(first + 1);
    List<SocketEnd> pair = inodes.socketPair((int) a[1] & MODES);
    descriptors.install(first, pair.getFirst());
    descriptors.install(second, pair.getLast());
    user.writeInt(process.space(), a[3], first);
    user.writeInt(process.space(), a[3] + Integer.BYTES, second);
    return 0;
  }

  /** Neither end has a name: of an address there is only the family. */
  private long name(Process process, long[] a) {
    socket(process, a[0]);
    if (user.readInt(process.space(), a[2]) >= Short.BYTES) {
      user.write(process.space(), a[1], new byte[] {AF_UNIX, 0});
    }
    user.writeInt(process.space(), a[2], Short.BYTES);
    return 0;
  }

  private long sendto(Task task, long[] a) {
    SocketEnd socket = socket(task.process(), a[0]);
    boolean waits = (a[3] & MSG_DONTWAIT) == 0 && !socket.isNonBlocking();
    return transfer.write(
        task,
        (int) a[0],
        socket,
        a[2],
        (offset, length) -> user.read(task.space(), a[1] + offset, length),
        waits,
        (a[3] & MSG_NOSIGNAL) == 0);
  }

  private long recvfrom(Process process, long[] a) {
    SocketEnd socket = socket(process, a[0]);
    int wanted = FileTransfer.length(a[2]);
    user.prepareWrite(process.space(), a[1], Math.min(socket.available(), wanted));
    byte[] bytes = (a[3] & MSG_PEEK) != 0 ? socket.peek(wanted) : socket.read(wanted);
    if (bytes == null) {
      if (socket.isNonBlocking() || (a[3] & MSG_DONTWAIT) != 0) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, (int) a[0]);
      }
      throw new Blocked(socket::canRead);
    }
    user.write(process.space(), a[1], bytes);
    if (a[5] != 0) {
      user.writeInt(process.space(), a[5], 0);
    }
    return bytes.length;
  }

  private long getsockopt(Process process, long[] a) {
    socket(process, a[0]);
    int value =
        switch ((int) a[2]) {
          case SO_TYPE -> SOCK_STREAM;
          case SO_ERROR -> 0;
          case SO_DOMAIN -> AF_UNIX;
          default -> -1;
        };
    if (a[1] != SOL_SOCKET || value < 0) {
      throw refusal.of(Errno.ENOPROTOOPT, StepKind.BAD_ARGUMENT, "getsockopt", a[2]);
    }
    user.writeInt(process.space(), a[3], value);
    user.writeInt(process.space(), a[4], Integer.BYTES);
    return 0;
  }

  private long shutdown(Process process, long[] a) {
    SocketEnd socket = socket(process, a[0]);
    if (a[1] < 0 || a[1] > SHUT_RDWR) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "shutdown", a[1]);
    }
    socket.shutDown(a[1] != 1, a[1] != 0);
    return 0;
  }
}
