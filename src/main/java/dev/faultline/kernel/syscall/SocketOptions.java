package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Socket;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** What sockets are set to ({@code net/core/sock.c}); most of it is taken and changes nothing. */
final class SocketOptions {
  private static final int SOL_SOCKET = 1;
  private static final int REUSEADDR = 2;
  private static final int TYPE = 3;
  private static final int ERROR = 4;
  private static final int SNDBUF = 7;
  private static final int RCVBUF = 8;
  private static final int KEEPALIVE = 9;
  private static final int LINGER = 13;
  private static final int PASSCRED = 16;
  private static final int PEERCRED = 17;
  private static final int RCVTIMEO = 20;
  private static final int SNDTIMEO = 21;
  private static final int ACCEPTCONN = 30;
  private static final int PROTOCOL = 38;
  private static final int DOMAIN = 39;

  /** {@code net.core.wmem_default}. */
  private static final int BUFFER = 212_992;

  private final UserAccess user;
  private final Refusal refusal;

  SocketOptions(CallContext context) {
    this.user = context.user();
    this.refusal = context.refusal();
  }

  private RuntimeException unknown(String call, long option) {
    return refusal.of(Errno.ENOPROTOOPT, StepKind.BAD_ARGUMENT, call, option);
  }

  /** {@code setsockopt(2)}. */
  long set(Process process, Socket socket, long[] a) {
    if (a[1] != SOL_SOCKET) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.BAD_ARGUMENT, "setsockopt", a[1]);
    }
    if (a[4] < Integer.BYTES) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "setsockopt", a[4]);
    }
    int value = user.readInt(process.space(), a[3]);
    switch ((int) a[2]) {
      case PASSCRED -> socket.setTellsSenders(value != 0);
      case REUSEADDR, SNDBUF, RCVBUF, KEEPALIVE, LINGER -> {}
      case RCVTIMEO, SNDTIMEO ->
          throw refusal.of(Errno.ENOSYS, StepKind.NOT_MODELLED, "setsockopt", a[2]);
      default -> throw unknown("setsockopt", a[2]);
    }
    return 0;
  }

  /** {@code getsockopt(2)}. */
  long get(Process process, Socket socket, long[] a) {
    if (a[1] != SOL_SOCKET) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.BAD_ARGUMENT, "getsockopt", a[1]);
    }
    int[] words =
        switch ((int) a[2]) {
          case TYPE -> new int[] {socket.type().number()};
          case ERROR -> new int[] {socket.takeReset() ? Errno.ECONNRESET.number() : 0};
          case REUSEADDR, KEEPALIVE, PROTOCOL -> new int[] {0};
          case SNDBUF, RCVBUF -> new int[] {BUFFER};
          case LINGER -> new int[] {0, 0};
          case PASSCRED -> new int[] {socket.tellsSenders() ? 1 : 0};
          case PEERCRED -> {
            Socket.Peer peer = socket.peer();
            yield new int[] {peer.pid(), peer.user(), peer.group()};
          }
          case RCVTIMEO, SNDTIMEO -> new int[] {0, 0, 0, 0};
          case ACCEPTCONN -> new int[] {socket.isListening() ? 1 : 0};
          case DOMAIN -> new int[] {SocketMessages.AF_UNIX};
          default -> throw unknown("getsockopt", a[2]);
        };
    ByteBuffer bytes =
        ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    int room = user.readInt(process.space(), a[4]);
    if (room < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "getsockopt", room);
    }
    byte[] value = Arrays.copyOf(bytes.array(), Math.min(room, bytes.capacity()));
    user.write(process.space(), a[3], value);
    user.writeInt(process.space(), a[4], value.length);
    return 0;
  }
}
