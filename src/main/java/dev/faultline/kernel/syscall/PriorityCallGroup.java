package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.function.Predicate;

/**
 * System calls about how urgent threads are. What they choose is kept and told; turns are the same
 * for all, and {@code SCHED_OTHER} is the only policy.
 */
public final class PriorityCallGroup implements CallGroup {
  private static final int PRIO_PROCESS = 0;
  private static final int PRIO_PGRP = 1;
  private static final int PRIO_USER = 2;
  private static final int LEAST_NICE = 19;
  private static final int MOST_URGENT = -20;
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_BATCH = 3;
  private static final int SCHED_IDLE = 5;

  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  public PriorityCallGroup(CallContext context) {
    this.processes = context.processes();
    this.user = context.user();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(119, "sched_setscheduler", "ddx", this::sched_setscheduler),
        SystemCall.ofProcess(120, "sched_getscheduler", "d", this::sched_getscheduler),
        SystemCall.ofProcess(121, "sched_getparam", "dx", this::sched_getparam),
        SystemCall.ofProcess(125, "sched_get_priority_max", "d", this::noPriorities),
        SystemCall.ofProcess(126, "sched_get_priority_min", "d", this::noPriorities),
        SystemCall.ofProcess(140, "setpriority", "ddd", this::setpriority),
        SystemCall.ofProcess(141, "getpriority", "dd", this::getpriority));
  }

  /** As the system call has it, which adds what makes it positive: 40 for -20, 1 for 19. */
  private long getpriority(Process process, long[] a) {
    int urgent = meant(process, a).stream().mapToInt(Process::nice).min().orElseThrow();
    return 20 - urgent;
  }

  private long setpriority(Process process, long[] a) {
    int nice = Math.clamp((int) a[2], MOST_URGENT, LEAST_NICE);
    for (Process one : meant(process, a)) {
      if (nice < one.nice() && !process.credentials().mayChoose()) {
        throw refusal.of(Errno.EACCES, StepKind.BAD_ARGUMENT, "setpriority", a[2]);
      }
      one.setNice(nice);
    }
    return 0;
  }

  private List<Process> meant(Process process, long[] a) {
    int who = (int) a[1];
    Predicate<Process> isMeant =
        switch ((int) a[0]) {
          case PRIO_PROCESS -> other -> other.pid() == (who == 0 ? process.pid() : who);
          case PRIO_PGRP -> other -> other.group() == (who == 0 ? process.group() : who);
          case PRIO_USER ->
              other ->
                  other.credentials().users().real()
                      == (who == 0 ? process.credentials().users().real() : who);
          default -> throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "priority", a[0]);
        };
    List<Process> found =
        processes.all().stream().filter(other -> !other.isReaped() && isMeant.test(other)).toList();
    if (found.isEmpty()) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, who);
    }
    return found;
  }

  private void checkThread(Process process, long tid) {
    Task task = tid == 0 ? process.leader() : processes.findTask((int) tid);
    if (task == null) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, tid);
    }
  }

  private long sched_setscheduler(Process process, long[] a) {
    checkThread(process, a[0]);
    if (a[1] != SCHED_OTHER || user.readInt(process.space(), a[2]) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_MODELLED, "scheduling policy", a[1]);
    }
    return 0;
  }

  private long sched_getscheduler(Process process, long[] a) {
    checkThread(process, a[0]);
    return SCHED_OTHER;
  }

  private long sched_getparam(Process process, long[] a) {
    checkThread(process, a[0]);
    user.writeInt(process.space(), a[1], 0);
    return 0;
  }

  /** Only real-time policies have more than one. */
  private long noPriorities(Process process, long[] a) {
    if (a[0] != SCHED_OTHER && a[0] != SCHED_BATCH && a[0] != SCHED_IDLE) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_MODELLED, "scheduling policy", a[0]);
    }
    return 0;
  }
}
