package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.RandomBytes;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls about time, waiting and chance. */
public final class TimeCallGroup implements CallGroup {
  private static final long BILLION = 1_000_000_000L;
  private static final int REALTIME = 0;
  private static final int REALTIME_COARSE = 5;
  private static final int MOST_CLOCKS = 12;
  private static final int MOST_RANDOM = 1 << 20;
  private static final int MOST_POLLED = 1024;
  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;
  private static final int POLLNVAL = 0x20;

  private final Clock clock;
  private final RandomBytes random;
  private final UserAccess user;
  private final Refusal refusal;

  public TimeCallGroup(Clock clock, RandomBytes random, UserAccess user, ChangeLog log) {
    this.clock = clock;
    this.random = random;
    this.user = user;
    this.refusal = new Refusal(log);
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(73, "ppoll", "xdxx", this::ppoll),
        new SystemCall(101, "nanosleep", "xx", (p, a) -> sleep(p, a[0], false)),
        new SystemCall(113, "clock_gettime", "dx", this::clock_gettime),
        new SystemCall(114, "clock_getres", "dx", this::clock_getres),
        new SystemCall(115, "clock_nanosleep", "ddxx", (p, a) -> sleep(p, a[2], a[1] == 1)),
        new SystemCall(153, "times", "x", (p, a) -> clock.monotonic() / (BILLION / 100)),
        new SystemCall(169, "gettimeofday", "xx", this::gettimeofday),
        new SystemCall(278, "getrandom", "xdx", this::getrandom));
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

  private long clock_gettime(Process process, long[] a) {
    long now = now(a[0]);
    write(process, a[1], now / BILLION, now % BILLION);
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

  private long duration(Process process, long address) {
    long seconds = user.readLong(process.space(), address);
    long nanos = user.readLong(process.space(), address + 8);
    if (seconds < 0 || nanos < 0 || nanos >= BILLION) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "timespec", nanos);
    }
    return Math.min(seconds, Long.MAX_VALUE / BILLION / 4) * BILLION + nanos;
  }

  /** Whether the time to wait is over, for a call that is made again and again until it is. */
  private boolean isOver(Process process, long duration) {
    if (process.sleepEnd() == 0) {
      process.setSleepEnd(clock.monotonic() + Math.max(duration, 1));
      clock.wakeAt(process.sleepEnd());
    }
    if (clock.monotonic() < process.sleepEnd()) {
      return false;
    }
    process.setSleepEnd(0);
    return true;
  }

  private long sleep(Process process, long address, boolean isAbsolute) {
    long duration = duration(process, address) - (isAbsolute ? clock.monotonic() : 0);
    if (isOver(process, duration)) {
      return 0;
    }
    long end = process.sleepEnd();
    throw new Blocked(() -> clock.monotonic() >= end);
  }

  private long getrandom(Process process, long[] a) {
    int length = (int) Math.min(a[1] & Long.MAX_VALUE, MOST_RANDOM);
    user.prepareWrite(process.space(), a[0], length);
    user.write(process.space(), a[0], random.next(length));
    return length;
  }

  private long ppoll(Process process, long[] a) {
    if (a[1] < 0 || a[1] > MOST_POLLED) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "ppoll", a[1]);
    }
    int ready = 0;
    for (int i = 0; i < a[1]; i++) {
      long at = a[0] + 8L * i;
      int events = user.readInt(process.space(), at + 4) & 0xffff;
      int found = events(process, user.readInt(process.space(), at), events);
      user.writeInt(process.space(), at + 4, events | found << 16);
      ready += found != 0 ? 1 : 0;
    }
    if (ready > 0) {
      process.setSleepEnd(0);
      return ready;
    }
    if (a[2] == 0) {
      throw new Blocked(() -> isAnyReady(process, a));
    }
    if (isOver(process, duration(process, a[2]))) {
      return 0;
    }
    long end = process.sleepEnd();
    throw new Blocked(() -> clock.monotonic() >= end || isAnyReady(process, a));
  }

  private boolean isAnyReady(Process process, long[] a) {
    for (int i = 0; i < a[1]; i++) {
      long at = a[0] + 8L * i;
      int events = user.readInt(process.space(), at + 4) & 0xffff;
      if (events(process, user.readInt(process.space(), at), events) != 0) {
        return true;
      }
    }
    return false;
  }

  private static int events(Process process, int fd, int wanted) {
    if (fd < 0) {
      return 0;
    }
    Description open = process.descriptors().find(fd);
    if (open == null) {
      return POLLNVAL;
    }
    if (!(open instanceof ByteStream stream)) {
      return wanted & (POLLIN | POLLOUT);
    }
    int found = stream.isReadable() && stream.canRead() ? POLLIN : 0;
    return wanted & (found | (stream.isWritable() && stream.canWrite() ? POLLOUT : 0));
  }
}
