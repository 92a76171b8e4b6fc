package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.RandomBytes;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls about time, waiting and chance. */
final class TimeCallGroup implements CallGroup {
  private static final long BILLION = TimeArguments.BILLION;
  private static final int REALTIME = 0;
  private static final int PROCESS_CPUTIME = 2;
  private static final int THREAD_CPUTIME = 3;
  private static final int REALTIME_COARSE = 5;
  private static final int TIMER_ABSTIME = 1;
  private static final int MOST_CLOCKS = 12;
  private static final int MOST_RANDOM = 1 << 20;

  private final Clock clock;
  private final RandomBytes random;
  private final UserAccess user;
  private final TimeArguments times;
  private final Refusal refusal;

  TimeCallGroup(CallContext context) {
    this.clock = context.clock();
    this.random = context.random();
    this.user = context.user();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(101, "nanosleep", "xx", this::nanosleep),
        new SystemCall(113, "clock_gettime", "dx", this::clock_gettime),
        SystemCall.ofProcess(114, "clock_getres", "dx", this::clock_getres),
        new SystemCall(115, "clock_nanosleep", "ddxx", this::clock_nanosleep),
        SystemCall.ofProcess(169, "gettimeofday", "xx", this::gettimeofday),
        SystemCall.ofProcess(278, "getrandom", "xdx", this::getrandom));
  }

  private long now(long number) {
    if (number < 0 || number >= MOST_CLOCKS) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "clock", number);
    }
    return number == REALTIME || number == REALTIME_COARSE ? clock.realTime() : clock.monotonic();
  }

  private void write(Process process, long address, long first, long second) {
    user.writeLong(process.space(), address, first);
    user.writeLong(process.space(), address + 8, second);
  }

  private long clock_gettime(Task task, long[] a) {
    long now =
        switch ((int) a[0]) {
          case PROCESS_CPUTIME -> task.process().hartTime(clock.retired());
          case THREAD_CPUTIME -> task.hartTime(clock.retired());
          default -> now(a[0]);
        };
    times.writeTimespec(task.space(), a[1], now);
    return 0;
  }

  private long clock_getres(Process process, long[] a) {
    now(a[0]);
    if (a[1] != 0) {
      write(process, a[1], 0, 1);
    }
    return 0;
  }

  private long gettimeofday(Process process, long[] a) {
    long now = clock.realTime();
    if (a[0] != 0) {
      write(process, a[0], now / BILLION, now % BILLION / 1000);
    }
    return 0;
  }

  private long nanosleep(Task task, long[] a) {
    return sleep(task, a[0], a[1], false, false);
  }

  private long clock_nanosleep(Task task, long[] a) {
    now(a[0]);
    boolean isAbsolute = (a[1] & TIMER_ABSTIME) != 0;
    return sleep(task, a[2], a[3], isAbsolute, a[0] == REALTIME);
  }

  /** A signal that is not handled does not make it any longer ({@code restart_syscall}). */
  private long sleep(Task task, long address, long rest, boolean isAbsolute, boolean isRealTime) {
    long deadline = task.callDeadline();
    if (deadline == 0) {
      deadline = times.deadline(task.space(), address, isAbsolute, isRealTime);
      task.setCallDeadline(deadline);
    }
    if (clock.monotonic() >= deadline) {
      return 0;
    }
    Wait wait = Wait.until(() -> false).orAt(deadline);
    throw new Blocked(
        isAbsolute ? wait : wait.endedByHandlers(() -> writeRest(task, rest, task.callDeadline())));
  }

  private void writeRest(Task task, long va, long deadline) {
    if (va != 0) {
      times.writeTimespec(task.space(), va, Math.max(deadline - clock.monotonic(), 0));
    }
  }

  private long getrandom(Process process, long[] a) {
    int length = (int) Math.min(a[1] & Long.MAX_VALUE, MOST_RANDOM);
    user.prepareWrite(process.space(), a[0], length);
    user.write(process.space(), a[0], random.next(length));
    return length;
  }
}
