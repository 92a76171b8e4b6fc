package dev.faultline.kernel;

import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Timers;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Harts;
import dev.faultline.machine.hart.Hart;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is on which hart. Threads of a hart take turns in the order of their numbers, each for a
 * number of instructions, so that the same commands always give the same turns.
 *
 * <p>Several harts execute one after another, in the order of their numbers, each a slice of its
 * thread's turn; one with nobody to run is passed over. A new thread is given to the hart that has
 * the fewest, and stays there unless it is told to go elsewhere ({@code sched_setaffinity}).
 *
 * <p>A run goes on until what it waits for has come about, until nobody can go on, or until it has
 * used up its instructions or the host's time. Time is asked for only after turns in which
 * instructions retired: a run that it stopped can be told again by their number.
 */
final class Scheduler {
  /** Instructions of one turn. */
  private static final long TURN = 1 << 16;

  /** Instructions of one hart before the next one has its slice. */
  private static final long SLICE = 1 << 12;

  private final Harts harts;
  private final Processes processes;
  private final Clock clock;
  private final Signals signals;
  private final OomKiller oom;
  private final ChangeLog log;

  /** By hart: whose registers it holds. */
  private final @Nullable Task[] current;

  private @Nullable Reason awaited;
  private @Nullable Reason reached;

  Scheduler(
      Harts harts,
      Processes processes,
      Clock clock,
      Signals signals,
      OomKiller oom,
      ChangeLog log) {
    this.oom = oom;
    this.harts = harts;
    current = new Task[harts.count()];
    this.processes = processes;
    this.clock = clock;
    this.signals = signals;
    this.log = log;
  }

  /** Who is on the hart that executes. */
  @Nullable Task current() {
    return current[harts.current().number()];
  }

  /** Where a thread runs; one that is new, or may not run where it is, is given a hart. */
  int hartOf(Task task) {
    if (harts.count() > 1 && !task.mayRunOn(task.hart())) {
      migrate(task, leastBusy(task));
    }
    return Math.max(task.hart(), 0);
  }

  /** Of those that it may run on the hart with the fewest threads, and of these the first. */
  private int leastBusy(Task task) {
    int[] threads = new int[harts.count()];
    for (Task other : processes.tasks().values()) {
      if (other.hart() >= 0) {
        threads[other.hart()]++;
      }
    }
    int chosen = -1;
    for (int number = 0; number < threads.length; number++) {
      if (task.mayRunOn(number) && (chosen < 0 || threads[number] < threads[chosen])) {
        chosen = number;
      }
    }
    return chosen;
  }

  private void migrate(Task task, int hart) {
    if (task.hart() >= 0) {
      registers(task);
      if (current[task.hart()] == task) {
        current[task.hart()] = null;
      }
      log.step(StepKind.MIGRATES, task.tid(), hart);
    }
    task.setHart(hart);
  }

  /** The kernel acts on a thread's hart from now on. */
  void turnTo(Task task) {
    harts.turnTo(hartOf(task));
  }

  /** Puts a thread on its hart ({@code switch_to}). */
  void enter(Task task) {
    turnTo(task);
    Hart hart = harts.current();
    Task before = current();
    if (before != task) {
      if (before != null && before.isAlive()) {
        before.registers().save(hart);
      }
      current[hart.number()] = task;
      task.registers().restore(hart);
      task.wasSwitched();
      hart.endReservation();
    }
    reached = null;
    oom.actFor(task.process());
    enterSpace(task);
  }

  /**
   * Puts a thread on its hart, with what it has to be told before it goes on ({@code
   * exit_to_user_mode_loop}); false when it cannot.
   */
  private boolean bringBack(Task task) {
    enter(task);
    return (!task.takeSwitched() || signals.resume(task)) && signals.interrupt(task);
  }

  /** Puts the hart into the memory of a thread, which may be another since its last call. */
  void enterSpace(Task task) {
    AddressSpace space = task.space();
    Hart hart = harts.current();
    hart.enter(task.process().pid(), space.asid(), space.tables().root());
    space.enteredBy(hart.number());
  }

  /** Takes a process off the harts whose address space is to go or to change. */
  void leave(Process process) {
    harts.leave(process.pid());
    for (int number = 0; number < current.length; number++) {
      if (current[number] == process.leader()) {
        current[number] = null;
      }
    }
  }

  /** The registers of a thread, wherever they are. */
  Registers registers(Task task) {
    int number = Math.max(task.hart(), 0);
    if (task == current[number]) {
      task.registers().save(harts.hart(number));
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
      boolean mayGoOn = bringBack(task);
      task.beginTurn(harts.instret());
      boolean goesOn = mayGoOn && harts.current().step();
      task.endTurn(harts.instret());
      process.timers().ofOwnTime().expire(process.hartTime(harts.instret()));
      if (goesOn) {
        continue;
      }
      if (!process.isAlive()) {
        return new RunEnd(Reason.EXIT, process.condition().status(), done);
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
    harts.setBreakpoint(breakpoint);
    try {
      return turns(root, instructions, outOfTime);
    } finally {
      awaited = null;
      harts.setBreakpoint(null);
    }
  }

  private RunEnd turns(@Nullable Process root, long instructions, BooleanSupplier outOfTime) {
    long begin = harts.instret();
    var turns = new Turns(root);
    long asked = 0;
    while (true) {
      long done = harts.instret() - begin;
      if (root != null && !root.isAlive()) {
        return new RunEnd(Reason.EXIT, root.condition().status(), done);
      }
      if (done >= instructions) {
        return new RunEnd(Reason.INSTRUCTIONS, 0, done);
      }
      if (done > asked && outOfTime.getAsBoolean()) {
        return new RunEnd(Reason.TIME, 0, done);
      }
      asked = done;
      processes.timers().expire(clock.monotonic());
      Task next = turns.next();
      if (next == null) {
        if (skip(root)) {
          continue;
        }
        return new RunEnd(isAnyAlive() || root != null ? Reason.BLOCKED : Reason.EXIT, 0, done);
      }
      if (!bringBack(next)) {
        turns.end();
        continue;
      }
      long turn = Math.min(turns.slice(), instructions - done);
      Process process = next.process();
      Timers own = process.timers().ofOwnTime();
      long timer =
          Math.min(
              processes.timers().next() - clock.monotonic(),
              own.next() - process.hartTime(harts.instret()));
      long before = harts.instret();
      next.beginTurn(before);
      Hart.Stop stop = harts.current().run(Math.max(Math.min(turn, timer), 1));
      next.endTurn(harts.instret());
      own.expire(process.hartTime(harts.instret()));
      turns.ran(harts.instret() - before, stop);
      if (stop == Hart.Stop.BREAKPOINT) {
        return new RunEnd(Reason.BREAKPOINT, 0, harts.instret() - begin);
      }
      if (reached != null) {
        return new RunEnd(reached, 0, harts.instret() - begin);
      }
      if (stop == Hart.Stop.TRAPS) {
        signals.killForGood(process, harts.current().stval());
      } else if (stop == Hart.Stop.KERNEL && process.isAlive() && signals.survived(process)) {
        return new RunEnd(Reason.SIGNAL, 0, harts.instret() - begin);
      }
    }
  }

  /** Whose turn it is in a run. */
  private final class Turns {
    private final @Nullable Process root;

    /** By hart: the number of the thread that had the last turn there, and what is left of it. */
    private final int[] last = new int[harts.count()];

    private final long[] left = new long[harts.count()];
    private int hart = harts.count() - 1;
    private boolean hasBegun;

    Turns(@Nullable Process root) {
      this.root = root;
    }

    /** The thread that goes on next; null when none can. */
    @Nullable Task next() {
      for (int i = 1; i <= last.length; i++) {
        int number = (hart + i) % last.length;
        Task next = next(number);
        if (next != null) {
          tell(number, next);
          if (next.tid() != last[number] || left[number] <= 0) {
            left[number] = TURN;
          }
          hart = number;
          hasBegun = true;
          last[number] = next.tid();
          return next;
        }
      }
      return null;
    }

    private void tell(int number, Task next) {
      boolean isOther = next.tid() != last[number];
      if (last.length > 1) {
        if (isOther || number != hart || !hasBegun) {
          log.step(StepKind.ON_HART, number, next.tid());
        }
      } else if (isOther && last[number] != 0) {
        log.step(StepKind.RUNS, next.tid());
      }
    }

    /** The thread of a hart whose turn is not over, or the next one after it that can go on. */
    private @Nullable Task next(int number) {
      Task before = processes.findTask(last[number]);
      if (before != null && left[number] > 0 && canRun(before, number)) {
        return before;
      }
      for (Task task : processes.tasks().tailMap(last[number], false).values()) {
        if (canRun(task, number)) {
          return task;
        }
      }
      for (Task task : processes.tasks().headMap(last[number], true).values()) {
        if (canRun(task, number)) {
          return task;
        }
      }
      return null;
    }

    private boolean canRun(Task task, int number) {
      return takesTurns(task, root) && hartOf(task) == number && !isBlocked(task);
    }

    long slice() {
      return last.length == 1 ? TURN : Math.min(SLICE, left[hart]);
    }

    void ran(long instructions, Hart.Stop stop) {
      left[hart] -= instructions;
      if (last.length == 1 || stop != Hart.Stop.BUDGET) {
        end();
      }
    }

    /** The turn is over, however much of it is left. */
    void end() {
      left[hart] = 0;
    }
  }

  private boolean isAnyAlive() {
    return processes.tasks().values().stream().anyMatch(task -> task.process().isScheduled());
  }

  private boolean takesTurns(Task task, @Nullable Process root) {
    Process process = task.process();
    return process == root || process.isScheduled() && descends(process, root);
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
    Hart hart = harts.current();
    hart.setPc(hart.sepc());
    return true;
  }
}
