package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.SchedulingPolicy;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.function.Predicate;

/**
 * System calls about how urgent threads are. What they choose is kept and told; turns are the same
 * for all.
 */
final class PriorityCallGroup implements CallGroup {
  private static final int PRIO_PROCESS = 0;
  private static final int PRIO_PGRP = 1;
  private static final int PRIO_USER = 2;
  private static final int LEAST_NICE = 19;
  private static final int MOST_URGENT = -20;
  private static final int SCHED_RESET_ON_FORK = 0x4000_0000;

  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  PriorityCallGroup(CallContext context) {
    this.processes = context.processes();
    this.user = context.user();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(118, "sched_setparam", "dx", this::sched_setparam),
        new SystemCall(119, "sched_setscheduler", "ddx", this::sched_setscheduler),
        new SystemCall(120, "sched_getscheduler", "d", this::sched_getscheduler),
        new SystemCall(121, "sched_getparam", "dx", this::sched_getparam),
        SystemCall.ofProcess(125, "sched_get_priority_max", "d", this::sched_get_priority_max),
        SystemCall.ofProcess(126, "sched_get_priority_min", "d", this::sched_get_priority_min),
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
        processes.all().stream()
            .filter(other -> !other.condition().isReaped() && isMeant.test(other))
            .toList();
    if (found.isEmpty()) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, who);
    }
    return found;
  }

  private Task thread(Task caller, long tid) {
    Task task = tid == 0 ? caller : processes.findTask((int) tid);
    if ((int) tid < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "tid", tid);
    }
    if (task == null) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, tid);
    }
    return task;
  }

  private long sched_setparam(Task caller, long[] a) {
    Task task = thread(caller, a[0]);
    SchedulingPolicy old = task.policy();
    int priority = user.readInt(caller.space(), a[1]);
    set(caller, task, new SchedulingPolicy(old.number(), priority, old.resetsOnFork()));
    return 0;
  }

  private long sched_setscheduler(Task caller, long[] a) {
    int number = (int) a[1] & ~SCHED_RESET_ON_FORK;
    boolean resets = (a[1] & SCHED_RESET_ON_FORK) != 0;
    int priority = user.readInt(caller.space(), a[2]);
    set(caller, thread(caller, a[0]), new SchedulingPolicy(number, priority, resets));
    return 0;
  }

  private void set(Task caller, Task task, SchedulingPolicy policy) {
    if (!policy.isPossible()) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_MODELLED, "scheduling policy", policy.number());
    }
    if (policy.isRealTime() && !caller.process().credentials().mayChoose()) {
      throw refusal.of(Errno.EPERM, StepKind.BAD_ARGUMENT, "sched_setscheduler", policy.number());
    }
    task.setPolicy(policy);
  }

  private long sched_getscheduler(Task caller, long[] a) {
    SchedulingPolicy policy = thread(caller, a[0]).policy();
    return policy.number() | (policy.resetsOnFork() ? SCHED_RESET_ON_FORK : 0);
  }

  private long sched_getparam(Task caller, long[] a) {
    user.writeInt(caller.space(), a[1], thread(caller, a[0]).policy().priority());
    return 0;
  }

  private void checkPolicy(long number) {
    if (!SchedulingPolicy.exists(number)) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_MODELLED, "scheduling policy", number);
    }
  }

  private long sched_get_priority_max(Process process, long[] a) {
    checkPolicy(a[0]);
    return SchedulingPolicy.highest(a[0]);
  }

  private long sched_get_priority_min(Process process, long[] a) {
    checkPolicy(a[0]);
    return SchedulingPolicy.lowest(a[0]);
  }
}
