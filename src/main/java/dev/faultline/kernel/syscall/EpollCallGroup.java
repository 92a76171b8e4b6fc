package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.AnonymousInodes;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Eventpoll;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.function.LongSupplier;

/** System calls that wait for sets of files ({@code epoll(7)}, {@code fs/eventpoll.c}). */
final class EpollCallGroup implements CallGroup {
  private static final int CTL_ADD = 1;
  private static final int CTL_DEL = 2;
  private static final int CTL_MOD = 3;

  /** {@code sizeof(struct epoll_event)}, which only x86-64 packs. */
  private static final int EVENT_SIZE = 16;

  private static final int DATA_OFFSET = 8;

  /** {@code EP_MAX_EVENTS}. */
  private static final int MOST_EVENTS = Integer.MAX_VALUE / EVENT_SIZE;

  /** {@code fs.epoll.max_user_watches} bounds them on Linux. */
  private static final int MOST_WATCHED = 4096;

  private static final long MILLION = 1_000_000;

  private final AnonymousInodes inodes;
  private final UserAccess user;
  private final Clock clock;
  private final ReadyWait wait;
  private final TimeArguments times;
  private final Refusal refusal;

  EpollCallGroup(CallContext context) {
    this.inodes = new AnonymousInodes(context.files());
    this.user = context.user();
    this.clock = context.clock();
    this.wait = new ReadyWait(context);
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(20, "epoll_create1", "x", this::epoll_create1),
        SystemCall.ofProcess(21, "epoll_ctl", "dddx", this::epoll_ctl),
        new SystemCall(22, "epoll_pwait", "fxddxd", this::epoll_pwait),
        new SystemCall(441, "epoll_pwait2", "fxdxxd", this::epoll_pwait2));
  }

  private RuntimeException refused(String call, long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, call, value);
  }

  private long epoll_create1(Process process, long[] a) {
    if ((a[0] & ~OpenFlag.CLOEXEC.bit()) != 0) {
      throw refused("epoll_create1", a[0]);
    }
    int fd = process.descriptors().reserve();
    process.descriptors().install(fd, inodes.eventpoll((int) a[0]));
    return fd;
  }

  private Eventpoll epoll(Process process, long fd) {
    if (process.descriptors().get((int) fd) instanceof Eventpoll found) {
      return found;
    }
    throw refused("epoll", fd);
  }

  private long epoll_ctl(Process process, long[] a) {
    int operation = (int) a[1];
    int fd = (int) a[2];
    int events = 0;
    long data = 0;
    if (operation != CTL_DEL) {
      events = user.readInt(process.space(), a[3]);
      data = user.readLong(process.space(), a[3] + DATA_OFFSET);
    }
    process.descriptors().get((int) a[0]);
    Description open = process.descriptors().get(fd);
    if (!Eventpoll.takes(open)) {
      throw refusal.of(Errno.EPERM, StepKind.NOT_POLLABLE, fd);
    }
    Eventpoll epoll = epoll(process, a[0]);
    if (epoll == open) {
      throw refused("epoll_ctl", fd);
    }
    boolean isThere = epoll.has(fd, open);
    switch (operation) {
      case CTL_ADD -> {
        if (epoll.isTooDeep(open)) {
          throw refusal.of(Errno.ELOOP, StepKind.EPOLL_TOO_DEEP, fd, a[0]);
        }
        if (isThere) {
          throw refusal.of(Errno.EEXIST, StepKind.IN_EPOLL, a[0], fd);
        }
        if (epoll.size() >= MOST_WATCHED) {
          throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "files in an epoll", MOST_WATCHED);
        }
        epoll.put(fd, open, events, data);
      }
      case CTL_MOD -> {
        checkThere(isThere, a[0], fd);
        epoll.put(fd, open, events, data);
      }
      case CTL_DEL -> {
        checkThere(isThere, a[0], fd);
        epoll.remove(fd, open);
      }
      default -> throw refused("epoll_ctl", operation);
    }
    return 0;
  }

  private void checkThere(boolean isThere, long epoll, int fd) {
    if (!isThere) {
      throw refusal.of(Errno.ENOENT, StepKind.NOT_IN_EPOLL, epoll, fd);
    }
  }

  /** The time is a number of milliseconds; a negative one has no end. */
  private long epoll_pwait(Task task, long[] a) {
    int milliseconds = (int) a[3];
    return await(
        task,
        a,
        () ->
            milliseconds < 0
                ? Wait.NO_DEADLINE
                : Math.max(clock.monotonic() + milliseconds * MILLION, 1));
  }

  private long epoll_pwait2(Task task, long[] a) {
    return await(
        task,
        a,
        () -> a[3] == 0 ? Wait.NO_DEADLINE : times.deadline(task.space(), a[3], false, false));
  }

  private long await(Task task, long[] a, LongSupplier deadline) {
    int most = (int) a[2];
    if (most <= 0 || most > MOST_EVENTS) {
      throw refused("epoll_pwait", most);
    }
    Eventpoll epoll = epoll(task.process(), a[0]);
    if (!epoll.canRead()) {
      wait.await(task, epoll::canRead, deadline, a[4]);
    }
    task.signals().resume();
    int told = 0;
    for (Eventpoll.Event event : epoll.take(Math.min(most, MOST_WATCHED))) {
      long at = a[1] + (long) EVENT_SIZE * told;
      user.writeInt(task.space(), at, event.events());
      user.writeLong(task.space(), at + DATA_OFFSET, event.data());
      told++;
    }
    return told;
  }
}
