package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.SignalState;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls about signals. */
public final class SignalCallGroup implements CallGroup {
  private static final int SET_SIZE = 8;
  private static final int SIG_BLOCK = 0;
  private static final int SIG_UNBLOCK = 1;
  private static final int SIG_SETMASK = 2;

  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  public SignalCallGroup(Processes processes, UserAccess user, ChangeLog log) {
    this.processes = processes;
    this.user = user;
    this.refusal = new Refusal(log);
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(129, "kill", "dd", (p, a) -> kill(p, (int) a[0], a[1])),
        new SystemCall(130, "tkill", "dd", (p, a) -> kill(p, (int) a[0], a[1])),
        new SystemCall(131, "tgkill", "ddd", (p, a) -> kill(p, (int) a[1], a[2])),
        new SystemCall(132, "sigaltstack", "xx", this::sigaltstack),
        new SystemCall(133, "rt_sigsuspend", "xd", this::rt_sigsuspend),
        new SystemCall(134, "rt_sigaction", "dxxd", this::rt_sigaction),
        new SystemCall(135, "rt_sigprocmask", "dxxd", this::rt_sigprocmask),
        new SystemCall(136, "rt_sigpending", "xd", this::rt_sigpending));
  }

  private int signal(long number) {
    if (number < 1 || number > SignalState.COUNT) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "signal", number);
    }
    return (int) number;
  }

  private void checkSize(long size) {
    if (size != SET_SIZE) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sigsetsize", size);
    }
  }

  private long kill(Process process, int pid, long number) {
    Process target = processes.find(pid == 0 ? process.pid() : Math.abs(pid));
    if (target == null || target.isReaped()) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, pid);
    }
    if (number != 0) {
      int signal = signal(number);
      if (target.isAlive()) {
        target.signals().raise(signal);
      }
    }
    return 0;
  }

  private long rt_sigaction(Process process, long[] a) {
    int signal = signal(a[0]);
    checkSize(a[3]);
    boolean isFixed = signal == Signal.SIGKILL.number() || signal == Signal.SIGSTOP.number();
    if (a[1] != 0 && isFixed) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "rt_sigaction", a[0]);
    }
    SignalState state = process.signals();
    SignalState.Action old = state.action(signal);
    if (a[1] != 0) {
      long handler = user.readLong(process.space(), a[1]);
      long flags = user.readLong(process.space(), a[1] + 8);
      long mask = user.readLong(process.space(), a[1] + 16);
      state.setAction(signal, new SignalState.Action(handler, flags, mask));
    }
    if (a[2] != 0) {
      user.writeLong(process.space(), a[2], old.handler());
      user.writeLong(process.space(), a[2] + 8, old.flags());
      user.writeLong(process.space(), a[2] + 16, old.mask());
    }
    return 0;
  }

  private long rt_sigprocmask(Process process, long[] a) {
    checkSize(a[3]);
    SignalState state = process.signals();
    long old = state.blocked();
    if (a[1] != 0) {
      long set = user.readLong(process.space(), a[1]);
      state.setBlocked(
          switch ((int) a[0]) {
            case SIG_BLOCK -> old | set;
            case SIG_UNBLOCK -> old & ~set;
            case SIG_SETMASK -> set;
            default ->
                throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "rt_sigprocmask", a[0]);
          });
    }
    if (a[2] != 0) {
      user.writeLong(process.space(), a[2], old);
    }
    return 0;
  }

  private long rt_sigpending(Process process, long[] a) {
    SignalState state = process.signals();
    user.writeLong(process.space(), a[0], state.pending() & state.blocked());
    return 0;
  }

  private long rt_sigsuspend(Process process, long[] a) {
    checkSize(a[1]);
    process.signals().suspend(user.readLong(process.space(), a[0]));
    throw new Blocked(() -> false);
  }

  private long sigaltstack(Process process, long[] a) {
    SignalState state = process.signals();
    long stack = state.alternateStack();
    long size = state.alternateSize();
    int flags = state.alternateFlags();
    if (a[0] != 0) {
      state.setAlternate(
          user.readLong(process.space(), a[0]),
          user.readLong(process.space(), a[0] + 16),
          user.readInt(process.space(), a[0] + 8));
    }
    if (a[1] != 0) {
      user.writeLong(process.space(), a[1], stack);
      user.writeInt(process.space(), a[1] + 8, flags);
      user.writeLong(process.space(), a[1] + 16, size);
    }
    return 0;
  }
}
