package dev.faultline.kernel.process;

import dev.faultline.kernel.fs.Console;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Signal;
import dev.faultline.log.Table;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process: a group of threads with one number ({@code struct signal_struct}) and what they all
 * share. Memory, descriptors, directory and signal actions are objects of their own, since {@code
 * clone} may give the same ones to several processes. Its row in the log is written here.
 */
public final class Process {
  /** What a child has of its parent, by itself or together with it. */
  record Shared(
      AddressSpace space,
      Descriptors descriptors,
      WorkingDirectory directory,
      SignalActions actions) {}

  private final int pid;
  private int creator;
  private final Set<Process> children = new LinkedHashSet<>();
  private final SystemCallTrace trace = new SystemCallTrace();
  private final PendingSignals pending = new PendingSignals();
  private final List<Task> tasks = new ArrayList<>();
  private final Credentials credentials = new Credentials();
  private final Usage usage = new Usage();
  private final Condition condition = new Condition();
  private final ProcessTimers timers;
  private final ChangeLog log;
  private final int exitSignal;
  private int parent;
  private int group;
  private int session;
  private Task leader;
  private String name;
  private long nameNumber;
  private AddressSpace space;
  private Descriptors descriptors;
  private WorkingDirectory directory;
  private SignalActions actions;
  private String executable = "";
  private @Nullable Console console;
  private boolean subreaper;
  private int personality;
  private int nice;
  private int parentDeathSignal;
  private boolean execed;
  private boolean scheduled;

  /**
   * @param parent who waits for it; 0 for the laboratory
   * @param exitSignal what tells the parent of its end; 0 for nothing
   */
  Process(
      int pid,
      String name,
      int parent,
      int exitSignal,
      Shared shared,
      SignalSender signals,
      ChangeLog log) {
    this.timers = new ProcessTimers(this, signals);
    this.pid = pid;
    this.name = name;
    this.parent = parent;
    this.creator = parent;
    this.exitSignal = exitSignal;
    this.group = pid;
    this.session = pid;
    this.space = shared.space;
    this.descriptors = shared.descriptors;
    this.directory = shared.directory;
    this.actions = shared.actions;
    this.log = log;
    leader = new Task(this, pid, log);
    tasks.add(leader);
    space.addUser(pid);
    descriptors.addUser();
    nameNumber = log.intern(name);
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

  /** Who made it, whoever waits for it now. */
  public int creator() {
    return creator;
  }

  /** Its maker is forgotten: the one before it stands in. */
  void setCreator(int newCreator) {
    creator = newCreator;
  }

  /** Those that it may wait for, in the order in which they became its own. */
  public Set<Process> children() {
    return children;
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

  public SystemCallTrace trace() {
    return trace;
  }

  public SignalActions actions() {
    return actions;
  }

  /** Signals that any of its threads may take. */
  public PendingSignals pending() {
    return pending;
  }

  /** Its living threads in the order of their numbers; the leader may have ended before others. */
  public List<Task> tasks() {
    return tasks;
  }

  /** Its first thread. */
  public Task leader() {
    return leader;
  }

  WorkingDirectory workingDirectory() {
    return directory;
  }

  /** Where its relative paths begin. */
  public Directory directory() {
    return directory.directory();
  }

  public void setDirectory(Directory newDirectory) {
    directory.setDirectory(newDirectory);
  }

  /** The permission bits that files it makes do not get. */
  public int umask() {
    return directory.umask();
  }

  public void setUmask(int bits) {
    directory.setUmask(bits);
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

  /** How far it steps back for others, from -20 to 19; kept and told only. */
  public int nice() {
    return nice;
  }

  public void setNice(int newNice) {
    nice = newNice;
  }

  /** {@code personality(2)}. */
  public int personality() {
    return personality;
  }

  public void setPersonality(int bits) {
    personality = bits;
  }

  public Credentials credentials() {
    return credentials;
  }

  public ProcessTimers timers() {
    return timers;
  }

  // Groups and sessions.

  /** {@code getpgid(2)}. */
  public int group() {
    return group;
  }

  public void setGroup(int newGroup) {
    group = newGroup;
  }

  /** {@code getsid(2)}. */
  public int session() {
    return session;
  }

  /** {@code setsid(2)}. */
  public void leadSession() {
    session = pid;
    group = pid;
  }

  // Its end, and what a parent hears of it.

  /** What its parent waits for. */
  public Condition condition() {
    return condition;
  }

  public boolean isAlive() {
    return condition.isAlive();
  }

  /** Whether a signal keeps its threads from running. */
  public boolean isStopped() {
    return condition.isStopped();
  }

  /** The signal that tells its parent of its end; 0 for none. */
  public int exitSignal() {
    return exitSignal;
  }

  /** What it and the children that it waited for have used up. */
  public Usage usage() {
    return usage;
  }

  /** How many instructions of its threads have retired, each a nanosecond. */
  public long hartTime(long retired) {
    long time = usage.time();
    for (Task task : tasks) {
      time += task.hartTime(retired);
    }
    return time;
  }

  void setParent(int newParent) {
    log.update(Table.PROCESS, pid).column(Table.Process.PARENT, parent, newParent).end();
    parent = newParent;
  }

  /** Whether orphans among its descendants become its children ({@code PR_SET_CHILD_SUBREAPER}). */
  public boolean isSubreaper() {
    return subreaper;
  }

  public void setSubreaper(boolean reaps) {
    subreaper = reaps;
  }

  /** What it is sent when its parent ends ({@code PR_SET_PDEATHSIG}); 0 for nothing. */
  public int parentDeathSignal() {
    return parentDeathSignal;
  }

  public void setParentDeathSignal(int signal) {
    parentDeathSignal = signal;
  }

  void stop(int signal) {
    condition.stop(signal);
    leader.setState(Task.STOPPED);
  }

  /** Its threads go on where they were, waiting or not. */
  void goOn() {
    condition.goOn();
    leader.setState(leader.isWaiting() ? Task.SLEEPING : Task.RUNNING);
  }

  /** Whether SIGKILL waits for all of its threads. */
  boolean isToDie() {
    return pending.has(Signal.SIGKILL);
  }

  /**
   * The signals of the process that a thread is to take: of several threads that do not block one
   * it is the first ({@code complete_signal}).
   */
  long pendingFor(Task task) {
    long rest = pending.set();
    for (Task other : tasks) {
      if (other == task || rest == 0) {
        break;
      }
      rest &= other.signals().blocked();
    }
    return rest;
  }

  // Threads.

  Task addTask(int tid) {
    var task = new Task(this, tid, log);
    tasks.add(task);
    task.insertRow();
    return task;
  }

  /** One of several threads ends; a leader that is no more sleeps until all have ended. */
  void removeTask(Task task) {
    task.setState(Task.SLEEPING);
    task.end();
    tasks.remove(task);
  }

  /** Of its threads one is left, and has its number. */
  void leaveOnly(Task task) {
    if (task != leader) {
      task.takeLead(leader);
      leader = task;
    }
  }

  /** It has a child's copy of what its parent is. */
  void inherit(Task from, boolean keepsAlternateStack) {
    Process source = from.process();
    leader.registers().copy(from.registers());
    leader.setAffinity(from.affinity());
    leader.setPolicy(from.policy().ofChild());
    leader.signals().inherit(from.signals(), keepsAlternateStack);
    if (source.space != space) {
      leader.setSequences(from.sequenceArea(), from.sequenceSignature());
    }
    executable = source.executable;
    console = source.console;
    group = source.group;
    session = source.session;
    personality = source.personality;
    nice = source.nice;
    credentials.take(source.credentials);
  }

  /** Another program's address space takes over; gives the one before. */
  AddressSpace replace(Program program) {
    AddressSpace old = space;
    long newName = log.intern(program.name());
    log.update(Table.PROCESS, pid)
        .column(Table.Process.NAME, nameNumber, newName)
        .column(Table.Process.ROOT, root(), program.space().tables().root())
        .column(Table.Process.ASID, space.asid(), program.space().asid())
        .column(Table.Process.BRK, space.brk(), program.space().brk())
        .end();
    space = program.space();
    space.addUser(pid);
    name = program.name();
    nameNumber = newName;
    return old;
  }

  /** What it shared with other processes is its own from now on. */
  void unshare(Descriptors ownDescriptors) {
    descriptors = ownDescriptors;
    actions = actions.copy();
  }

  /** A program begins in its address space. */
  void begin(Program program) {
    executable = program.path();
    scheduled = true;
    execed = true;
    leader.registers().begin(program.entry(), program.stackPointer());
    leader.signals().dropAlternate();
    leader.setClearedAtExit(0);
    leader.setRobustList(0);
    leader.setSequences(0, 0);
    actions.dropHandlers();
    credentials.take(program.credentials());
    descriptors.closeOnExec();
    if (console == null) {
      console = new Console();
      descriptors.openConsole(console);
    }
  }

  /** {@code prctl(PR_SET_NAME)}. */
  public void rename(String newName) {
    long after = log.intern(newName);
    log.update(Table.PROCESS, pid).column(Table.Process.NAME, nameNumber, after).end();
    name = newName;
    nameNumber = after;
  }

  void end(boolean killed, int status) {
    long root = root();
    int state = state();
    condition.end(killed, status);
    log.update(Table.PROCESS, pid)
        .column(Table.Process.STATE, state, state())
        .column(Table.Process.ROOT, root, 0)
        .end();
    tasks.forEach(Task::end);
    tasks.clear();
  }

  /** Nothing asks for it any more. */
  void deleteRow() {
    forEachRow((table, key, values) -> {
      ChangeLog row = log.delete(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
  }

  private int state() {
    return isAlive() ? leader.state() : condition.end();
  }

  private long root() {
    return isAlive() ? space.tables().root() : 0;
  }

  void forEachRow(RowReader reader) {
    reader.row(
        Table.PROCESS, pid, pid, nameNumber, state(), parent, root(), space.asid(), space.brk());
    for (Task task : tasks) {
      if (task != leader) {
        task.giveRow(reader);
      }
    }
  }
}
