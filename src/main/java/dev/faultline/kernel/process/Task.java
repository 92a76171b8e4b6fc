package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Signal;
import dev.faultline.log.Table;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A thread ({@code struct task_struct}): what the hart can run. Every process has one at least, its
 * leader, whose number is the process's. A leader's state stands in the row of its process; the
 * other threads have rows of their own, written here.
 *
 * <p>A thread that waits stays at its {@code ecall} and makes the call again when it may go on.
 * What the call must remember until then is here too: it is forgotten when the call is over.
 */
public final class Task {
  /** States, as {@link dev.faultline.log.Format#PROCESS_STATE} has them. */
  static final int RUNNING = 0;

  static final int SLEEPING = 3;
  static final int STOPPED = 4;

  private final Process process;
  private final Registers registers = new Registers();
  private final SignalState signals = new SignalState();
  private final ChangeLog log;
  private int tid;
  private String name = "";
  private boolean alive = true;
  private int state = RUNNING;
  private @Nullable Wait wait;
  private boolean interrupted;
  private Wait.@Nullable Interruption interruption;
  private Runnable whenEnded = () -> {};
  private int hart = -1;
  private SchedulingPolicy policy = SchedulingPolicy.OTHER;
  private long affinity = -1;
  private long hartTime;
  private long turnBegan = -1;
  private boolean yields;
  private boolean isSwitched;
  private long callDeadline;
  private @Nullable UnfinishedCall unfinished;
  private HeldFiles held = HeldFiles.NONE;
  private Runnable letGoFiles = () -> {};
  private long clearedAtExit;
  private long robustList;
  private long sequenceArea;
  private int sequenceSignature;

  Task(Process process, int tid, ChangeLog log) {
    this.process = process;
    this.tid = tid;
    this.log = log;
  }

  public Process process() {
    return process;
  }

  /** Its number; processes and threads are counted together. */
  public int tid() {
    return tid;
  }

  public AddressSpace space() {
    return process.space();
  }

  /** Its registers while it is not on the hart. */
  public Registers registers() {
    return registers;
  }

  public SignalState signals() {
    return signals;
  }

  public boolean isAlive() {
    return alive;
  }

  boolean isLeader() {
    return tid == process.pid();
  }

  void end() {
    alive = false;
    process.usage().addTime(hartTime);
    forgetCall();
    wait = null;
    if (!isLeader()) {
      deleteRow();
    }
  }

  /** After {@code execve} the thread that called is its process's only one ({@code de_thread}). */
  void takeLead(Task leader) {
    deleteRow();
    tid = leader.tid;
    state = leader.state;
    setState(RUNNING);
  }

  /** Where 0 is written, and who waits there is woken, when it ends ({@code clear_child_tid}). */
  public long clearedAtExit() {
    return clearedAtExit;
  }

  public void setClearedAtExit(long address) {
    clearedAtExit = address;
  }

  /** The list of locks that it holds ({@code set_robust_list}). */
  public long robustList() {
    return robustList;
  }

  public void setRobustList(long head) {
    robustList = head;
  }

  /** Where it says in which restartable sequence it is; 0 for nowhere. */
  public long sequenceArea() {
    return sequenceArea;
  }

  /** What stands before the place at which an interrupted sequence goes on. */
  public int sequenceSignature() {
    return sequenceSignature;
  }

  /** {@code rseq(2)}; with area 0 it has none any more. */
  public void setSequences(long area, int signature) {
    sequenceArea = area;
    sequenceSignature = signature;
  }

  /** The signals that can be delivered to it now. */
  public long deliverable() {
    return (signals.pending().set() | process.pendingFor(this)) & ~signals.blocked();
  }

  /** Takes the next signal to deliver; null for none. */
  public @Nullable Siginfo takeSignal() {
    return takeSignal(deliverable());
  }

  /** Takes the next signal of a set, blocked or not; null for none. */
  public @Nullable Siginfo takeSignal(long wanted) {
    Siginfo own = signals.pending().take(wanted);
    return own != null ? own : process.pending().take(wanted);
  }

  /** {@code comm}. */
  public String name() {
    return name.isEmpty() ? process.name() : name;
  }

  /** {@code prctl(PR_SET_NAME)}. */
  public void rename(String newName) {
    if (isLeader()) {
      process.rename(newName);
    } else {
      name = newName;
    }
  }

  // Waiting.

  /** It waits. */
  public void sleep(Wait newWait) {
    wait = newWait;
    setState(SLEEPING);
  }

  /** Whether it waits for what has not come yet; one that need not wait any more is woken. */
  public boolean isBlocked(long now) {
    boolean isToDie = process.isToDie() || signals.pending().has(Signal.SIGKILL);
    if (process.isStopped() && !isToDie) {
      return true;
    }
    if (wait == null) {
      return false;
    }
    boolean isOver = wait.until().getAsBoolean() || now >= wait.deadline();
    boolean hears = wait.interruption() == Wait.Interruption.NONE ? isToDie : deliverable() != 0;
    if (!isOver && hears) {
      interrupted = true;
      interruption = wait.interruption();
      whenEnded = wait.whenEnded();
      isOver = true;
    }
    if (isOver) {
      wait = null;
      setState(RUNNING);
    }
    return !isOver;
  }

  /** Whether it was put to sleep and has not been woken. */
  public boolean isWaiting() {
    return wait != null;
  }

  /** Until when it sleeps at the latest. */
  public long deadline() {
    return wait == null || process.isStopped() ? Wait.NO_DEADLINE : wait.deadline();
  }

  /** It lets others have their turns ({@code sched_yield}). */
  public void yieldTurn() {
    yields = true;
  }

  /** Whether it has just given its turn away; asking forgets it. */
  public boolean takeYield() {
    boolean was = yields;
    yields = false;
    return was;
  }

  /** It came to a hart where another was before ({@code TIF_NOTIFY_RESUME}). */
  public void wasSwitched() {
    isSwitched = true;
  }

  /** Whether it has; asking forgets it. */
  public boolean takeSwitched() {
    boolean was = isSwitched;
    isSwitched = false;
    return was;
  }

  /** Whether a signal ended a wait at a system call; asking forgets it. */
  public boolean takeInterrupted() {
    boolean was = interrupted;
    interrupted = false;
    return was;
  }

  /** Whether the interrupted call is made again after a handler that allows it. */
  public boolean restarts() {
    return interruption == Wait.Interruption.RESTARTS;
  }

  /** The interrupted call fails. */
  public void failCall() {
    whenEnded.run();
  }

  // Its time.

  /** The hart that it was last on; -1 while it has never been on one. */
  public int hart() {
    return hart;
  }

  public void setHart(int number) {
    hart = number;
  }

  /** The harts that it may run on: hart n is bit n. */
  public long affinity() {
    return affinity;
  }

  public void setAffinity(long newAffinity) {
    affinity = newAffinity;
  }

  public boolean mayRunOn(int number) {
    return number >= 0 && (affinity >>> number & 1) != 0;
  }

  /** How it was asked to be scheduled, which is kept and told: turns are the same for all. */
  public SchedulingPolicy policy() {
    return policy;
  }

  public void setPolicy(SchedulingPolicy newPolicy) {
    policy = newPolicy;
  }

  /** It is on the hart from now on. */
  public void beginTurn(long retired) {
    turnBegan = retired;
  }

  public void endTurn(long retired) {
    long turn = retired - turnBegan;
    turnBegan = -1;
    if (alive) {
      hartTime += turn;
    } else {
      process.usage().addTime(turn);
    }
  }

  /** How many instructions of its own have retired, each a nanosecond. */
  public long hartTime(long retired) {
    return turnBegan < 0 ? hartTime : hartTime + retired - turnBegan;
  }

  /** When the time of a call that is made again is over; 0 for a call that begins. */
  public long callDeadline() {
    return callDeadline;
  }

  public void setCallDeadline(long moment) {
    callDeadline = moment;
  }

  /** What the call that it makes again has begun; null when it has begun nothing. */
  public @Nullable UnfinishedCall unfinishedCall() {
    return unfinished;
  }

  public void setUnfinishedCall(@Nullable UnfinishedCall call) {
    unfinished = call;
  }

  HeldFiles heldFiles() {
    return held;
  }

  /** The call that it waits in works on these files until it is over. */
  void hold(HeldFiles files, Runnable letGo) {
    held = files;
    letGoFiles = letGo;
  }

  /** What the call answers when a handler comes between; empty if it has done nothing yet. */
  public OptionalLong partialResult() {
    return unfinished == null ? OptionalLong.empty() : unfinished.partialResult();
  }

  /** A call is over, or will be made anew. */
  public void forgetCall() {
    callDeadline = 0;
    letGoFiles.run();
    hold(HeldFiles.NONE, () -> {});
    if (unfinished != null) {
      unfinished.leave();
      unfinished = null;
    }
  }

  // Its row.

  int state() {
    return state;
  }

  void setState(int newState) {
    if (newState == state || !alive) {
      return;
    }
    if (isLeader()) {
      log.update(Table.PROCESS, tid).column(Table.Process.STATE, state, newState).end();
    } else {
      log.update(Table.THREAD, tid).column(Table.Thread.STATE, state, newState).end();
    }
    state = newState;
  }

  void insertRow() {
    giveRow((table, key, values) -> {
      ChangeLog row = log.insert(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
  }

  private void deleteRow() {
    giveRow((table, key, values) -> {
      ChangeLog row = log.delete(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
  }

  /** A leader's row is its process's. */
  void giveRow(RowReader reader) {
    reader.row(Table.THREAD, tid, tid, process.pid(), state);
  }
}
