package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.Console;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A process ({@code struct task_struct}). Its row in the log is written here. */
public final class Process {
  private static final int RUNNING = 0;
  private static final int KILLED = 1;
  private static final int EXITED = 2;
  private static final int SLEEPING = 3;

  /** What a shell adds to the number of the signal that killed a process. */
  private static final int KILLED_STATUS = 128;

  private final int pid;
  private final int parent;
  private final Descriptors descriptors;
  private final Registers registers = new Registers();
  private final SystemCallTrace trace = new SystemCallTrace();
  private final SignalState signals = new SignalState();
  private final ChangeLog log;
  private String name;
  private AddressSpace space;
  private Directory directory;
  private String executable = "";
  private @Nullable Console console;
  private @Nullable BooleanSupplier until;
  private boolean interruptible;
  private boolean interrupted;
  private long sleepEnd;
  private int state = RUNNING;
  private int status;
  private boolean reaped;
  private boolean execed;
  private boolean scheduled;
  private int umask = 022;

  Process(
      int pid,
      String name,
      int parent,
      AddressSpace space,
      Directory directory,
      Descriptors descriptors,
      ChangeLog log) {
    this.pid = pid;
    this.name = name;
    this.parent = parent;
    this.space = space;
    this.directory = directory;
    this.descriptors = descriptors;
    this.log = log;
    log.intern(name);
    forEachRow((table, key, values) -> {
      ChangeLog row = log.insert(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
  }

  public int pid() {
    return pid;
  }

  public int parent() {
    return parent;
  }

  public String name() {
    return name;
  }

  public AddressSpace space() {
    return space;
  }

  public Descriptors descriptors() {
    return descriptors;
  }

  /** Its registers while it is not on the hart. */
  public Registers registers() {
    return registers;
  }

  public SystemCallTrace trace() {
    return trace;
  }

  public SignalState signals() {
    return signals;
  }

  /** Where its relative paths begin. */
  public Directory directory() {
    return directory;
  }

  public void setDirectory(Directory newDirectory) {
    directory = newDirectory;
  }

  /** The permission bits that files it makes do not get. */
  public int umask() {
    return umask;
  }

  public void setUmask(int bits) {
    umask = bits & 0777;
  }

  /** Where it reads and writes; null for one that never had a program. */
  public @Nullable Console console() {
    return console;
  }

  /** The path of its program; empty without one. */
  public String executable() {
    return executable;
  }

  /** Whether a program of its own runs here: it dies of signals as in Linux. */
  public boolean hasProgram() {
    return !executable.isEmpty();
  }

  /** Whether it has got a program since it was forked. */
  public boolean hasExeced() {
    return execed;
  }

  /** Whether it runs whenever it can, and not only when it is told to. */
  public boolean isScheduled() {
    return scheduled;
  }

  /** It goes on by itself from now on. */
  public void schedule() {
    scheduled = true;
  }

  public boolean isAlive() {
    return state == RUNNING || state == SLEEPING;
  }

  public boolean wasKilled() {
    return state == KILLED;
  }

  /** What it exited with, or 128 and the number of the signal that killed it. */
  public int status() {
    return status;
  }

  /** {@code wait4}'s word for how it ended. */
  public int waitStatus() {
    return wasKilled() ? status - KILLED_STATUS : status << 8;
  }

  /** Whether its parent has heard of its end. */
  public boolean isReaped() {
    return reaped;
  }

  public void reap() {
    reaped = true;
  }

  /**
   * It waits.
   *
   * @param newInterruptible whether a signal ends this too
   */
  public void sleep(BooleanSupplier newUntil, boolean newInterruptible) {
    until = newUntil;
    interruptible = newInterruptible;
    setState(SLEEPING);
  }

  /** Whether it waits for what has not come yet; one that need not wait any more is woken. */
  public boolean isBlocked() {
    if (until == null) {
      return false;
    }
    boolean isOver = until.getAsBoolean();
    if (!isOver && interruptible && signals.wakes()) {
      interrupted = true;
      sleepEnd = 0;
      isOver = true;
    }
    if (isOver) {
      until = null;
      setState(RUNNING);
    }
    return !isOver;
  }

  /** Whether a signal ended a wait at a system call; asking forgets it. */
  public boolean takeInterrupted() {
    boolean was = interrupted;
    interrupted = false;
    return was;
  }

  /** Until when a call that is made again has been waiting; 0 when it is not. */
  public long sleepEnd() {
    return sleepEnd;
  }

  public void setSleepEnd(long moment) {
    sleepEnd = moment;
  }

  private void setState(int newState) {
    log.update(Table.PROCESS, pid).column(Table.Process.STATE, state, newState).end();
    state = newState;
  }

  /** It has a child's copy of what its parent is. */
  void inherit(Process from) {
    registers.copy(from.registers);
    signals.inherit(from.signals);
    executable = from.executable;
    console = from.console;
    umask = from.umask;
  }

  /** Another program's address space takes over; gives the one before. */
  AddressSpace replace(Program program) {
    AddressSpace old = space;
    long newName = log.intern(program.name());
    log.update(Table.PROCESS, pid)
        .column(Table.Process.NAME, log.intern(name), newName)
        .column(Table.Process.ROOT, root(), program.space().tables().root())
        .column(Table.Process.BRK, space.brk(), program.space().brk())
        .end();
    space = program.space();
    name = program.name();
    return old;
  }

  /** A program begins in its address space. */
  void begin(Program program) {
    executable = program.path();
    scheduled = true;
    execed = true;
    registers.begin(program.entry(), program.stackPointer());
    signals.reset();
    descriptors.closeOnExec();
    if (console == null) {
      console = new Console();
      descriptors.openConsole(console);
    }
  }

  void end(boolean killed, int newStatus) {
    long root = root();
    status = newStatus;
    until = null;
    int ended = killed ? KILLED : EXITED;
    log.update(Table.PROCESS, pid)
        .column(Table.Process.STATE, state, ended)
        .column(Table.Process.ROOT, root, 0)
        .end();
    state = ended;
  }

  private long root() {
    return isAlive() ? space.tables().root() : 0;
  }

  void forEachRow(RowReader reader) {
    reader.row(
        Table.PROCESS,
        pid,
        pid,
        log.intern(name),
        state,
        parent,
        root(),
        space.asid(),
        space.brk());
  }
}
