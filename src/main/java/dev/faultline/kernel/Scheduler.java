package dev.faultline.kernel;

import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.hart.Hart;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is on the hart. Threads take turns in the order of their numbers, each for a number of
 * instructions, so that the same commands always give the same turns.
 *
 * <p>A run goes on until what it waits for has come about, until nobody can go on, or until it has
 * used up its instructions or the host's time. Time is asked for only after turns in which
 * instructions retired: a run that it stopped can be told again by their number.
 */
final class Scheduler {
  /** Instructions of one turn. */
  private static final long TURN = 1 << 16;

  private final Hart hart;
  private final Processes processes;
  private final Clock clock;
  private final Signals signals;
  private final OomKiller oom;
  private final ChangeLog log;
  private @Nullable Task current;
  private @Nullable Reason awaited;
  private @Nullable Reason reached;

  Scheduler(
      Hart hart, Processes processes, Clock clock, Signals signals, OomKiller oom, ChangeLog log) {
    this.oom = oom;
    this.hart = hart;
    this.processes = processes;
    this.clock = clock;
    this.signals = signals;
    this.log = log;
  }

  @Nullable Task current() {
    return current;
  }

  /** Puts a thread on the hart ({@code switch_to}). */
  void enter(Task task) {
    if (current != task) {
      if (current != null && current.isAlive()) {
        current.registers().save(hart);
      }
      current = task;
      task.registers().restore(hart);
      hart.endReservation();
    }
    reached = null;
    oom.actFor(task.process());
    enterSpace(task);
  }

  /** Puts the hart into the memory of a thread, which may be another since its last call. */
  void enterSpace(Task task) {
    AddressSpace space = task.space();
    hart.enter(task.process().pid(), space.asid(), space.tables().root());
  }

  /** Takes a process off the hart whose address space is to go or to change. */
  void leave(Process process) {
    hart.leave(process.pid());
    if (current == process.leader()) {
      current = null;
    }
  }

  /** The registers of a thread, wherever they are. */
  Registers registers(Task task) {
    if (task == current) {
      task.registers().save(hart);
    }
    return task.registers();
  }

  boolean isBlocked(Task task) {
    return task.isBlocked(clock.monotonic());
  }

  /** The threads of a process that can go on execute instructions, the first of them each time. */
  RunEnd step(Process process, int count) {
    for (int done = 0; done < count; done++) {
      processes.timers().expire(clock.monotonic());
      Task task = first(process);
      if (task == null) {
        return new RunEnd(Reason.BLOCKED, 0, done);
      }
      enter(task);
      task.beginTurn(hart.instret());
      boolean goesOn = signals.interrupt(task) && hart.step();
      task.endTurn(hart.instret());
      if (goesOn) {
        continue;
      }
      if (!process.isAlive()) {
        return new RunEnd(Reason.EXIT, process.status(), done);
      }
      if (signals.survived(process)) {
        return new RunEnd(Reason.SIGNAL, 0, done);
      }
    }
    return new RunEnd(Reason.INSTRUCTIONS, 0, count);
  }

  private @Nullable Task first(Process process) {
    return process.tasks().stream().filter(task -> !isBlocked(task)).findFirst().orElse(null);
  }

  /**
   * Runs a process and its descendants, or all that have a program.
   *
   * @param root null for all
   * @param until what to stop at besides the end; EXIT for nothing else
   * @param breakpoint before which instruction to stop besides, whoever comes to it; null for none
   */
  RunEnd run(
      @Nullable Process root,
      long instructions,
      Reason until,
      @Nullable Long breakpoint,
      BooleanSupplier outOfTime) {
    awaited = until;
    hart.setBreakpoint(breakpoint);
    try {
      return turns(root, instructions, outOfTime);
    } finally {
      awaited = null;
      hart.setBreakpoint(null);
    }
  }

  private RunEnd turns(@Nullable Process root, long instructions, BooleanSupplier outOfTime) {
    long begin = hart.instret();
    int last = 0;
    long asked = 0;
    while (true) {
      long done = hart.instret() - begin;
      if (root != null && !root.isAlive()) {
        return new RunEnd(Reason.EXIT, root.status(), done);
      }
      if (done >= instructions) {
        return new RunEnd(Reason.INSTRUCTIONS, 0, done);
      }
      if (done > asked && outOfTime.getAsBoolean()) {
        return new RunEnd(Reason.TIME, 0, done);
      }
      asked = done;
      processes.timers().expire(clock.monotonic());
      Task next = next(root, last);
      if (next == null) {
        if (skip(root)) {
          continue;
        }
        return new RunEnd(isAnyAlive() || root != null ? Reason.BLOCKED : Reason.EXIT, 0, done);
      }
      if (next.tid() != last && last != 0) {
        log.step(StepKind.RUNS, next.tid());
      }
      boolean wasAway = next != current;
      last = next.tid();
      enter(next);
      if (wasAway && !signals.resume(next) || !signals.interrupt(next)) {
        continue;
      }
      long turn = Math.min(TURN, instructions - done);
      long timer = processes.timers().next() - clock.monotonic();
      next.beginTurn(hart.instret());
      Hart.Stop stop = hart.run(Math.max(Math.min(turn, timer), 1));
      next.endTurn(hart.instret());
      if (stop == Hart.Stop.BREAKPOINT) {
        return new RunEnd(Reason.BREAKPOINT, 0, hart.instret() - begin);
      }
      if (reached != null) {
        return new RunEnd(reached, 0, hart.instret() - begin);
      }
      Process process = next.process();
      if (stop == Hart.Stop.TRAPS) {
        signals.killForGood(process, hart.stval());
      } else if (stop == Hart.Stop.KERNEL && process.isAlive() && signals.survived(process)) {
        return new RunEnd(Reason.SIGNAL, 0, hart.instret() - begin);
      }
    }
  }

  private boolean isAnyAlive() {
    return processes.tasks().values().stream().anyMatch(task -> task.process().isScheduled());
  }

  private boolean takesTurns(Task task, @Nullable Process root) {
    Process process = task.process();
    return process == root || process.isScheduled() && descends(process, root);
  }

  /** The next one that can go on, after the one that had its turn. */
  private @Nullable Task next(@Nullable Process root, int last) {
    for (Task task : processes.tasks().tailMap(last, false).values()) {
      if (takesTurns(task, root) && !isBlocked(task)) {
        return task;
      }
    }
    for (Task task : processes.tasks().headMap(last, true).values()) {
      if (takesTurns(task, root) && !isBlocked(task)) {
        return task;
      }
    }
    return null;
  }

  /** Nobody can go on: it becomes as late as the first of them waits for. False if none does. */
  private boolean skip(@Nullable Process root) {
    long moment = processes.timers().nextThatMatters();
    for (Task task : processes.tasks().values()) {
      if (takesTurns(task, root)) {
        moment = Math.min(moment, task.deadline());
      }
    }
    if (moment == Wait.NO_DEADLINE) {
      return false;
    }
    clock.sleepUntil(moment);
    return true;
  }

  private boolean descends(Process process, @Nullable Process root) {
    for (Process at = process; at != null; at = processes.find(at.creator())) {
      if (root == null || at == root) {
        return true;
      }
    }
    return false;
  }

  /** Whether a run waits for this; the thread has returned to U-mode then. */
  boolean reaches(Reason reason) {
    if (awaited != reason) {
      return false;
    }
    reached = reason;
    hart.setPc(hart.sepc());
    return true;
  }
}
