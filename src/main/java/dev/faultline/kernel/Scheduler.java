package dev.faultline.kernel;

import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.hart.Hart;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is on the hart. Processes take turns in the order of their numbers, each for a number of
 * instructions, so that the same commands always give the same turns.
 *
 * <p>A run goes on until what it waits for has come about, until nobody can go on, or until it has
 * used up its instructions or the host's time. Time is asked for only between turns: a run that it
 * stopped can be told again by the number of instructions that retired.
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
  private @Nullable Process current;
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

  @Nullable Process current() {
    return current;
  }

  /** Puts a process on the hart ({@code switch_to}). */
  void enter(Process process) {
    if (current != process) {
      if (current != null && current.isAlive()) {
        current.registers().save(hart);
      }
      current = process;
      process.registers().restore(hart);
    }
    reached = null;
    oom.actFor(process);
    hart.enter(process.pid(), process.space().asid(), process.space().tables().root());
  }

  /** Takes a process off the hart whose address space is to go or to change. */
  void leave(Process process) {
    hart.leave(process.pid());
    if (current == process) {
      current = null;
    }
  }

  /** The registers of a process, wherever they are. */
  Registers registers(Process process) {
    if (process == current) {
      process.registers().save(hart);
    }
    return process.registers();
  }

  /** The process executes instructions one by one. */
  RunEnd step(Process process, int count) {
    for (int done = 0; done < count; done++) {
      if (process.isBlocked()) {
        return new RunEnd(Reason.BLOCKED, 0, done);
      }
      enter(process);
      if (signals.interrupt(process) && hart.step()) {
        continue;
      }
      if (!process.isAlive()) {
        return new RunEnd(Reason.EXIT, process.status(), done);
      }
      if (!process.isBlocked()) {
        return new RunEnd(Reason.SIGNAL, 0, done);
      }
    }
    return new RunEnd(Reason.INSTRUCTIONS, 0, count);
  }

  /**
   * Runs a process and its descendants, or all that have a program.
   *
   * @param root null for all
   * @param until what to stop at besides the end; EXIT for nothing else
   */
  RunEnd run(@Nullable Process root, long instructions, Reason until, BooleanSupplier outOfTime) {
    awaited = until;
    try {
      return turns(root, instructions, outOfTime);
    } finally {
      awaited = null;
    }
  }

  private RunEnd turns(@Nullable Process root, long instructions, BooleanSupplier outOfTime) {
    long begin = hart.instret();
    int last = 0;
    for (boolean isFirst = true; ; isFirst = false) {
      long done = hart.instret() - begin;
      if (root != null && !root.isAlive()) {
        return new RunEnd(Reason.EXIT, root.status(), done);
      }
      if (done >= instructions) {
        return new RunEnd(Reason.INSTRUCTIONS, 0, done);
      }
      if (!isFirst && outOfTime.getAsBoolean()) {
        return new RunEnd(Reason.TIME, 0, done);
      }
      Process next = next(root, last);
      if (next == null) {
        if (clock.skip()) {
          continue;
        }
        return new RunEnd(isAnyAlive() || root != null ? Reason.BLOCKED : Reason.EXIT, 0, done);
      }
      if (next.pid() != last && last != 0) {
        log.step(StepKind.RUNS, next.pid());
      }
      last = next.pid();
      enter(next);
      if (!signals.interrupt(next)) {
        continue;
      }
      Hart.Stop stop = hart.run(Math.min(TURN, instructions - done));
      if (reached != null) {
        return new RunEnd(reached, 0, hart.instret() - begin);
      }
      if (stop == Hart.Stop.TRAPS) {
        signals.killForGood(next, hart.stval());
      } else if (stop == Hart.Stop.KERNEL && next.isAlive() && signals.survived(next)) {
        return new RunEnd(Reason.SIGNAL, 0, hart.instret() - begin);
      }
    }
  }

  private boolean isAnyAlive() {
    return processes.all().stream().anyMatch(p -> p.isAlive() && p.isScheduled());
  }

  /** The next one that can go on, after the one that had its turn. */
  private @Nullable Process next(@Nullable Process root, int last) {
    Process first = null;
    for (Process process : processes.all()) {
      boolean takesTurns =
          process.isAlive()
              && (process == root || process.isScheduled() && descends(process, root));
      if (takesTurns && !process.isBlocked()) {
        if (process.pid() > last) {
          return process;
        }
        if (first == null) {
          first = process;
        }
      }
    }
    return first;
  }

  private boolean descends(Process process, @Nullable Process root) {
    for (Process at = process; at != null; at = processes.find(at.parent())) {
      if (root == null || at == root) {
        return true;
      }
    }
    return false;
  }

  /** Whether a run waits for this; the process has returned to U-mode then. */
  boolean reaches(Reason reason) {
    if (awaited != reason) {
      return false;
    }
    reached = reason;
    hart.setPc(hart.sepc());
    return true;
  }
}
