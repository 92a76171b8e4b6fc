package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.kernel.process.SignalState;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** System calls about signals ({@code kernel/signal.c}). */
final class SignalCallGroup implements CallGroup {
  private static final int SET_SIZE = 8;
  private static final int SIG_BLOCK = 0;
  private static final int SIG_UNBLOCK = 1;
  private static final int SIG_SETMASK = 2;
  private static final int SS_ONSTACK = 1;
  private static final int SS_DISABLE = 2;
  private static final int SS_AUTODISARM = 0x8000_0000;
  private static final int MINSIGSTKSZ = 2048;
  private static final int SIGINFO_SIZE = 128;

  private final Processes processes;
  private final UserAccess user;
  private final Clock clock;
  private final TimeArguments times;
  private final Refusal refusal;

  SignalCallGroup(CallContext context) {
    this.processes = context.processes();
    this.user = context.user();
    this.clock = context.clock();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(129, "kill", "dd", this::kill),
        new SystemCall(130, "tkill", "dd", (t, a) -> tgkill(t, 0, (int) a[0], a[1])),
        new SystemCall(131, "tgkill", "ddd", this::tgkill),
        new SystemCall(132, "sigaltstack", "xx", this::sigaltstack),
        new SystemCall(133, "rt_sigsuspend", "xd", this::rt_sigsuspend),
        SystemCall.ofProcess(134, "rt_sigaction", "dxxd", this::rt_sigaction),
        new SystemCall(135, "rt_sigprocmask", "dxxd", this::rt_sigprocmask),
        new SystemCall(136, "rt_sigpending", "xd", this::rt_sigpending),
        new SystemCall(137, "rt_sigtimedwait", "xxxd", this::rt_sigtimedwait),
        new SystemCall(138, "rt_sigqueueinfo", "ddx", this::rt_sigqueueinfo),
        new SystemCall(240, "rt_tgsigqueueinfo", "dddx", this::rt_tgsigqueueinfo));
  }

  private int signal(long number) {
    if (number < 1 || number > SignalActions.COUNT) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "signal", number);
    }
    return (int) number;
  }

  private void checkSize(long size) {
    if (size != SET_SIZE) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sigsetsize", size);
    }
  }

  private RuntimeException none(long pid) {
    return refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, pid);
  }

  private long kill(Process process, long[] a) {
    int pid = (int) a[0];
    int number = a[1] == 0 ? 0 : signal((int) a[1]);
    boolean isFound = false;
    boolean isAllowed = false;
    for (Process target : List.copyOf(processes.all())) {
      if (!target.condition().isReaped() && isMeant(process, target, pid)) {
        isFound = true;
        if (!process.credentials().maySignal(target.credentials())) {
          continue;
        }
        isAllowed = true;
        if (number != 0) {
          Siginfo info = Siginfo.from(number, Siginfo.SI_USER, process.pid());
          processes.signals().send(target, info);
        }
      }
    }
    if (!isFound) {
      throw none(pid);
    }
    if (!isAllowed) {
      throw notAllowed(pid);
    }
    return 0;
  }

  private void checkAllowed(Process sender, Process target, int named) {
    if (!sender.credentials().maySignal(target.credentials())) {
      throw notAllowed(named);
    }
  }

  private RuntimeException notAllowed(int pid) {
    return refusal.of(Errno.EPERM, StepKind.MAY_NOT_SIGNAL, pid);
  }

  /** Whom a number stands for: a process, a group, or all but the sender. */
  private static boolean isMeant(Process sender, Process target, int pid) {
    if (pid > 0) {
      return target.pid() == pid;
    }
    if (pid == -1) {
      return target != sender && target.hasProgram();
    }
    return target.group() == (pid == 0 ? sender.group() : -pid);
  }

  private long tgkill(Task task, long[] a) {
    if ((int) a[0] <= 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "tgkill", a[0]);
    }
    return tgkill(task, (int) a[0], (int) a[1], a[2]);
  }

  private long tgkill(Task task, int group, int tid, long number) {
    int own = task.process().pid();
    Siginfo info = number == 0 ? null : Siginfo.from(signal((int) number), Siginfo.SI_TKILL, own);
    sendTo(task.process(), group, tid, info);
    return 0;
  }

  /**
   * @param group the process that it must be of, or 0
   * @param info null to ask only whether there is one
   */
  private void sendTo(Process sender, int group, int tid, @Nullable Siginfo info) {
    if (tid <= 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "tkill", tid);
    }
    Task target = processes.findTask(tid);
    if (target == null || group != 0 && target.process().pid() != group) {
      throw none(tid);
    }
    checkAllowed(sender, target.process(), tid);
    if (info != null) {
      processes.signals().send(target, info);
    }
  }

  private Siginfo readInfo(Task task, long number, long va, boolean isToSelf) {
    int signal = signal((int) number);
    int code = user.readInt(task.space(), va + 8);
    if ((code >= 0 || code == Siginfo.SI_TKILL) && !isToSelf) {
      throw refusal.of(Errno.EPERM, StepKind.BAD_ARGUMENT, "si_code", code);
    }
    return new Siginfo(
        signal, code, user.readLong(task.space(), va + 16), user.readLong(task.space(), va + 24));
  }

  private long rt_sigqueueinfo(Task task, long[] a) {
    int pid = (int) a[0];
    Siginfo info = readInfo(task, a[1], a[2], pid == task.process().pid());
    Process target = processes.find(pid);
    if (target == null || target.condition().isReaped()) {
      throw none(pid);
    }
    checkAllowed(task.process(), target, pid);
    processes.signals().send(target, info);
    return 0;
  }

  private long rt_tgsigqueueinfo(Task task, long[] a) {
    Siginfo info = readInfo(task, a[2], a[3], (int) a[0] == task.process().pid());
    sendTo(task.process(), (int) a[0], (int) a[1], info);
    return 0;
  }

  private long rt_sigaction(Process process, long[] a) {
    int signal = signal(a[0]);
    checkSize(a[3]);
    boolean isFixed = signal == Signal.SIGKILL.number() || signal == Signal.SIGSTOP.number();
    if (a[1] != 0 && isFixed) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "rt_sigaction", a[0]);
    }
    SignalActions.Action old = process.actions().action(signal);
    if (a[1] != 0) {
      long handler = user.readLong(process.space(), a[1]);
      long flags = user.readLong(process.space(), a[1] + 8);
      long mask = user.readLong(process.space(), a[1] + 16);
      processes.signals().act(process, signal, new SignalActions.Action(handler, flags, mask));
    }
    if (a[2] != 0) {
      user.writeLong(process.space(), a[2], old.handler());
      user.writeLong(process.space(), a[2] + 8, old.flags());
      user.writeLong(process.space(), a[2] + 16, old.mask());
    }
    return 0;
  }

  private long rt_sigprocmask(Task task, long[] a) {
    checkSize(a[3]);
    SignalState state = task.signals();
    long old = state.blocked();
    if (a[1] != 0) {
      long set = user.readLong(task.space(), a[1]);
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
      user.writeLong(task.space(), a[2], old);
    }
    return 0;
  }

  private static long pending(Task task) {
    return task.signals().pending().set() | task.process().pending().set();
  }

  private long rt_sigpending(Task task, long[] a) {
    if (Long.compareUnsigned(a[1], SET_SIZE) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sigsetsize", a[1]);
    }
    user.writeLong(task.space(), a[0], pending(task) & task.signals().blocked());
    return 0;
  }

  private long rt_sigsuspend(Task task, long[] a) {
    checkSize(a[1]);
    task.signals().suspend(user.readLong(task.space(), a[0]));
    throw new Blocked(Wait.until(() -> false).endedByHandlers());
  }

  private long rt_sigtimedwait(Task task, long[] a) {
    checkSize(a[3]);
    long wanted = user.readLong(task.space(), a[0]);
    Siginfo info = task.takeSignal(wanted);
    if (info != null) {
      if (a[1] != 0) {
        user.write(task.space(), a[1], info.bytes(SIGINFO_SIZE));
      }
      return info.number();
    }
    long deadline = task.callDeadline();
    if (deadline == 0) {
      deadline = a[2] == 0 ? Wait.NO_DEADLINE : times.deadline(task.space(), a[2], false, false);
      task.setCallDeadline(deadline);
    }
    if (clock.monotonic() >= deadline) {
      throw refusal.of(Errno.EAGAIN, StepKind.TIME_IS_OVER);
    }
    throw new Blocked(
        Wait.until(() -> (pending(task) & wanted) != 0).orAt(deadline).endedByHandlers());
  }

  private long sigaltstack(Task task, long[] a) {
    SignalState state = task.signals();
    long sp = task.registers().integer(Registers.SP);
    long stack = state.alternateStack();
    long size = state.alternateSize();
    int flags = state.alternateFlags(sp);
    if (a[0] != 0) {
      long newStack = user.readLong(task.space(), a[0]);
      int newFlags = user.readInt(task.space(), a[0] + 8);
      long newSize = user.readLong(task.space(), a[0] + 16);
      if (flags == SS_ONSTACK) {
        throw refusal.of(Errno.EPERM, StepKind.BAD_ARGUMENT, "sigaltstack", sp);
      }
      int mode = newFlags & ~SS_AUTODISARM;
      if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE) {
        throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sigaltstack", newFlags);
      }
      if (mode != SS_DISABLE && Long.compareUnsigned(newSize, MINSIGSTKSZ) < 0) {
        throw refusal.of(Errno.ENOMEM, StepKind.BAD_ARGUMENT, "sigaltstack", newSize);
      }
      if (mode == SS_DISABLE) {
        state.dropAlternate();
      } else {
        state.setAlternate(newStack, newSize, newFlags & ~SS_ONSTACK);
      }
    }
    if (a[1] != 0) {
      user.writeLong(task.space(), a[1], stack);
      user.writeInt(task.space(), a[1] + 8, flags);
      user.writeLong(task.space(), a[1] + 16, size);
    }
    return 0;
  }
}
