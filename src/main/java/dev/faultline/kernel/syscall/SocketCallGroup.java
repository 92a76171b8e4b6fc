package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * System calls of sockets, as a kernel answers them that has networking but no address family
 * ({@code net/socket.c}): none can be made, and no descriptor is one.
 */
public final class SocketCallGroup implements CallGroup {
  private static final Map<Integer, String> ON_SOCKETS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(200, "bind"),
              Map.entry(201, "listen"),
              Map.entry(202, "accept"),
              Map.entry(203, "connect"),
              Map.entry(204, "getsockname"),
              Map.entry(205, "getpeername"),
              Map.entry(206, "sendto"),
              Map.entry(207, "recvfrom"),
              Map.entry(208, "setsockopt"),
              Map.entry(209, "getsockopt"),
              Map.entry(210, "shutdown"),
              Map.entry(211, "sendmsg"),
              Map.entry(212, "recvmsg"),
              Map.entry(242, "accept4")));

  private final Refusal refusal;

  public SocketCallGroup(CallContext context) {
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    List<SystemCall> calls = new ArrayList<>();
    calls.add(SystemCall.ofProcess(198, "socket", "ddd", this::none));
    calls.add(SystemCall.ofProcess(199, "socketpair", "dddx", this::none));
    ON_SOCKETS.forEach(
        (number, name) -> calls.add(SystemCall.ofProcess(number, name, "dxx", this::onSocket)));
    return calls;
  }

  private long none(Process process, long[] a) {
    throw refusal.of(Errno.EAFNOSUPPORT, StepKind.NO_SOCKETS, a[0]);
  }

  private long onSocket(Process process, long[] a) {
    process.descriptors().get((int) a[0]);
    throw refusal.of(Errno.ENOTSOCK, StepKind.NO_SOCKET, (int) a[0]);
  }
}
