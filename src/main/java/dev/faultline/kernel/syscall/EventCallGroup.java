package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.AnonymousInodes;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Signalfd;
import dev.faultline.kernel.process.Timerfd;
import dev.faultline.kernel.process.Timers;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/**
 * Counters, signals and timers that are files ({@code eventfd(2)}, {@code signalfd(2)}, {@code
 * timerfd_create(2)}).
 */
final class EventCallGroup implements CallGroup {
  private static final int EFD_SEMAPHORE = 1;
  private static final int REALTIME = 0;
  private static final int MONOTONIC = 1;
  private static final int BOOTTIME = 7;
  private static final int TIMER_ABSTIME = 1;
  private static final int TIMER_CANCEL_ON_SET = 2;
  private static final int MODES = OpenFlag.CLOEXEC.bit() | OpenFlag.NONBLOCK.bit();

  private final FileSystem files;
  private final UserAccess user;
  private final Timers timers;
  private final Clock clock;
  private final TimeArguments times;
  private final Refusal refusal;

  EventCallGroup(CallContext context) {
    this.files = context.files();
    this.user = context.user();
    this.timers = context.processes().timers();
    this.clock = context.clock();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(19, "eventfd2", "dx", this::eventfd2),
        SystemCall.ofProcess(74, "signalfd4", "dxdx", this::signalfd4),
        SystemCall.ofProcess(85, "timerfd_create", "dx", this::timerfd_create),
        SystemCall.ofProcess(86, "timerfd_settime", "dxxx", this::timerfd_settime),
        SystemCall.ofProcess(87, "timerfd_gettime", "dx", this::timerfd_gettime));
  }

  private RuntimeException refused(String call, long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, call, value);
  }

  private static long install(Process process, Description made) {
    int fd = process.descriptors().reserve();
    process.descriptors().install(fd, made);
    return fd;
  }

  private long eventfd2(Process process, long[] a) {
    int flags = (int) a[1];
    if ((flags & ~(MODES | EFD_SEMAPHORE)) != 0) {
      throw refused("eventfd2", flags);
    }
    boolean isSemaphore = (flags & EFD_SEMAPHORE) != 0;
    long count = a[0] & 0xffff_ffffL;
    return install(process, new AnonymousInodes(files).eventfd(count, isSemaphore, flags & MODES));
  }

  /** With a descriptor it changes which signals are read from that. */
  private long signalfd4(Process process, long[] a) {
    if ((a[3] & ~MODES) != 0 || a[2] != Long.BYTES) {
      throw refused("signalfd4", (a[3] & ~MODES) != 0 ? a[3] : a[2]);
    }
    long wanted = user.readLong(process.space(), a[1]);
    if ((int) a[0] == -1) {
      long inode = files.inodes().anonymousNumber();
      return install(process, new Signalfd(inode, process, wanted, (int) a[3]));
    }
    if (!(process.descriptors().get((int) a[0]) instanceof Signalfd file)) {
      throw refused("signalfd4", a[0]);
    }
    file.setWanted(wanted);
    return a[0];
  }

  private long timerfd_create(Process process, long[] a) {
    if ((a[1] & ~MODES) != 0 || a[0] != REALTIME && a[0] != MONOTONIC && a[0] != BOOTTIME) {
      throw refused("timerfd_create", (a[1] & ~MODES) != 0 ? a[1] : a[0]);
    }
    return install(
        process,
        new Timerfd(files.inodes().anonymousNumber(), a[0] == REALTIME, timers, (int) a[1]));
  }

  private Timerfd timerfd(Process process, long fd) {
    if (process.descriptors().get((int) fd) instanceof Timerfd file) {
      return file;
    }
    throw refused("timerfd", fd);
  }

  private long timerfd_settime(Process process, long[] a) {
    if ((a[1] & ~(TIMER_ABSTIME | TIMER_CANCEL_ON_SET)) != 0) {
      throw refused("timerfd_settime", a[1]);
    }
    AddressSpace space = process.space();
    long interval = times.nanoseconds(space, a[2]);
    long value = times.nanoseconds(space, a[2] + 16);
    Timerfd file = timerfd(process, a[0]);
    boolean isAbsolute = (a[1] & TIMER_ABSTIME) != 0;
    long expiry = value == 0 ? 0 : times.deadline(space, a[2] + 16, isAbsolute, file.isRealTime());
    if (a[3] != 0) {
      write(space, a[3], file.timer());
    }
    timers.set(file.timer(), expiry, interval);
    timers.expire(clock.monotonic());
    return 0;
  }

  private long timerfd_gettime(Process process, long[] a) {
    write(process.space(), a[1], timerfd(process, a[0]).timer());
    return 0;
  }

  private void write(AddressSpace space, long va, Timers.Timer timer) {
    long rest = timer.expiry() == 0 ? 0 : Math.max(timer.expiry() - clock.monotonic(), 1);
    times.writeTimespec(space, va, timer.interval());
    times.writeTimespec(space, va + 16, rest);
  }
}
