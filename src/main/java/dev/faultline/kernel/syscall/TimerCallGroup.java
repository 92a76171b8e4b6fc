package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.ProcessTimers;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.kernel.process.SignalTimer;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Timers;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls about timers that send signals. */
final class TimerCallGroup implements CallGroup {
  private static final int ITIMER_REAL = 0;
  private static final int ITIMER_VIRTUAL = 1;
  private static final int ITIMER_PROF = 2;
  private static final int REALTIME = 0;
  private static final int MONOTONIC = 1;
  private static final int PROCESS_CPUTIME = 2;
  private static final int BOOTTIME = 7;
  private static final int TIMER_ABSTIME = 1;
  private static final int SIGEV_NONE = 1;
  private static final int SIGEV_THREAD_ID = 4;

  /** {@code RLIMIT_SIGPENDING} binds them on Linux. */
  private static final int MOST_TIMERS = 1024;

  private final Processes processes;
  private final Timers timers;
  private final UserAccess user;
  private final Clock clock;
  private final TimeArguments times;
  private final Refusal refusal;

  TimerCallGroup(CallContext context) {
    this.processes = context.processes();
    this.timers = context.processes().timers();
    this.user = context.user();
    this.clock = context.clock();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(102, "getitimer", "dx", this::getitimer),
        SystemCall.ofProcess(103, "setitimer", "dxx", this::setitimer),
        new SystemCall(107, "timer_create", "dxx", this::timer_create),
        SystemCall.ofProcess(108, "timer_gettime", "dx", this::timer_gettime),
        SystemCall.ofProcess(
            109, "timer_getoverrun", "d", (p, a) -> timer(p, a[0]).timer().overrun()),
        SystemCall.ofProcess(110, "timer_settime", "ddxx", this::timer_settime),
        SystemCall.ofProcess(111, "timer_delete", "d", this::timer_delete));
  }

  private RuntimeException refused(String call, long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, call, value);
  }

  /** The time of a timer's clock. */
  private long now(Process process, boolean isOwnTime) {
    return isOwnTime ? process.hartTime(clock.retired()) : clock.monotonic();
  }

  private Timers timers(Process process, boolean isOwnTime) {
    return isOwnTime ? process.timers().ofOwnTime() : timers;
  }

  private long rest(Process process, Timers.Timer timer, boolean isOwnTime) {
    return timer.expiry() == 0 ? 0 : Math.max(timer.expiry() - now(process, isOwnTime), 1);
  }

  private Timers.Timer alarm(Process process, long which) {
    return switch ((int) which) {
      case ITIMER_REAL -> process.timers().alarm();
      case ITIMER_VIRTUAL -> process.timers().virtualAlarm();
      case ITIMER_PROF -> process.timers().profiling();
      default -> throw refused("itimer", which);
    };
  }

  private void writeAlarm(Process process, long which, long address) {
    Timers.Timer alarm = alarm(process, which);
    times.writeTimeval(process.space(), address, alarm.interval());
    long rest = rest(process, alarm, which != ITIMER_REAL);
    times.writeTimeval(process.space(), address + 16, rest);
  }

  private long getitimer(Process process, long[] a) {
    writeAlarm(process, a[0], a[1]);
    return 0;
  }

  private long setitimer(Process process, long[] a) {
    Timers.Timer alarm = alarm(process, a[0]);
    long interval = a[1] == 0 ? 0 : times.ofTimeval(process.space(), a[1]);
    long value = a[1] == 0 ? 0 : times.ofTimeval(process.space(), a[1] + 16);
    if (a[2] != 0) {
      writeAlarm(process, a[0], a[2]);
    }
    boolean isOwnTime = a[0] != ITIMER_REAL;
    long expiry = value == 0 ? 0 : now(process, isOwnTime) + value;
    timers(process, isOwnTime).set(alarm, expiry, interval);
    return 0;
  }

  private long timer_create(Task task, long[] a) {
    if (a[0] != REALTIME && a[0] != MONOTONIC && a[0] != BOOTTIME && a[0] != PROCESS_CPUTIME) {
      throw refusal.of(Errno.ENOSYS, StepKind.NOT_MODELLED, "timer of clock", a[0]);
    }
    Process process = task.process();
    if (process.timers().count() >= MOST_TIMERS) {
      throw refusal.of(Errno.EAGAIN, StepKind.BAD_ARGUMENT, "timer_create", MOST_TIMERS);
    }
    int number = process.timers().nextNumber();
    int signal = Signal.SIGALRM.number();
    int notification = 0;
    long value = number;
    Task receiver = null;
    if (a[1] != 0) {
      value = user.readLong(task.space(), a[1]);
      signal = user.readInt(task.space(), a[1] + 8);
      notification = user.readInt(task.space(), a[1] + 12);
    }
    if (notification == SIGEV_THREAD_ID) {
      receiver = processes.findTask(user.readInt(task.space(), a[1] + 16));
      if (receiver == null || receiver.process() != process) {
        throw refused("timer_create", notification);
      }
    } else if (notification < 0 || notification > SIGEV_THREAD_ID - 2) {
      throw refused("timer_create", notification);
    }
    boolean isSilent = notification == SIGEV_NONE;
    if (!isSilent && (signal < 1 || signal > SignalActions.COUNT)) {
      throw refused("timer_create", signal);
    }
    user.writeInt(task.space(), a[2], number);
    var info = new Siginfo(isSilent ? 1 : signal, Siginfo.SI_TIMER, number, value);
    var timer =
        new SignalTimer(process, processes.signals(), info, receiver, isSilent, a[0] == REALTIME);
    process.timers().add(new ProcessTimers.Created(timer, a[0] == PROCESS_CPUTIME));
    return 0;
  }

  private ProcessTimers.Created timer(Process process, long number) {
    ProcessTimers.Created timer = process.timers().find((int) number);
    if (timer == null) {
      throw refused("timer", number);
    }
    return timer;
  }

  private void write(Process process, long va, ProcessTimers.Created created) {
    times.writeTimespec(process.space(), va, created.timer().interval());
    long rest = rest(process, created.timer(), created.countsOwnTime());
    times.writeTimespec(process.space(), va + 16, rest);
  }

  private long timer_gettime(Process process, long[] a) {
    write(process, a[1], timer(process, a[0]));
    return 0;
  }

  private long timer_settime(Process process, long[] a) {
    ProcessTimers.Created created = timer(process, a[0]);
    SignalTimer timer = created.timer();
    boolean isAbsolute = (a[1] & TIMER_ABSTIME) != 0;
    long interval = times.nanoseconds(process.space(), a[2]);
    boolean isOff = times.nanoseconds(process.space(), a[2] + 16) == 0;
    long behind = clock.monotonic() - now(process, created.countsOwnTime());
    long expiry =
        isOff ? 0 : times.deadline(process.space(), a[2] + 16, isAbsolute, timer.isRealTime());
    if (a[3] != 0) {
      write(process, a[3], created);
    }
    boolean isRelativeToOther = !isOff && !isAbsolute;
    long moment = isRelativeToOther ? expiry - behind : expiry;
    timers(process, created.countsOwnTime()).set(timer, moment, interval);
    return 0;
  }

  private long timer_delete(Process process, long[] a) {
    ProcessTimers.Created created = timer(process, a[0]);
    timers(process, created.countsOwnTime()).set(created.timer(), 0, 0);
    process.timers().remove((int) a[0]);
    return 0;
  }
}
