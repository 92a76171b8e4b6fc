package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.CloneFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.AddressSpaces;
import dev.faultline.kernel.mm.Fork;
import dev.faultline.kernel.process.Process.Shared;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All processes and all living threads by number ({@code kernel/fork.c}, {@code kernel/exit.c}).
 *
 * <p>Of those that have ended and that nobody waits for any more the last ones are kept, to be
 * looked at. One that is forgotten loses its row; a row of its number is that of another process
 * from then on, and none has that number while anything alive bears it.
 */
public final class Processes {
  /** So many processes that have ended are kept. */
  private static final int MOST_ENDED = 1024;

  /** What a shell adds to the number of the signal that killed a process. */
  private static final int KILLED_STATUS = 128;

  private final AddressSpaces spaces;
  private final Fork fork;
  private final FileSystem files;
  private final ProgramLoader loader;
  private final Quota quota;
  private final IntConsumer leave;
  private final Consumer<Task> release;
  private final ChangeLog log;
  private final Refusal refusal;
  private final NavigableMap<Integer, Process> all = new TreeMap<>();
  private final NavigableMap<Integer, Task> tasks = new TreeMap<>();
  private final SignalSender signals = new SignalSender(all::get);
  private final Timers timers = new Timers();
  private final PidNumbers numbers = new PidNumbers(this::isTaken);

  /** Those that have ended and that nobody waits for, the one that ended first first. */
  private final Deque<Process> ended = new ArrayDeque<>();

  private int zombies;

  /**
   * @param leave takes the hart out of the address space of a process
   * @param release what a thread still does in its memory when it ends
   */
  public Processes(
      AddressSpaces spaces,
      Fork fork,
      FileSystem files,
      ProgramLoader loader,
      Quota quota,
      IntConsumer leave,
      Consumer<Task> release,
      ChangeLog log) {
    this.spaces = spaces;
    this.fork = fork;
    this.files = files;
    this.loader = loader;
    this.quota = quota;
    this.leave = leave;
    this.release = release;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** The timers that send signals to processes. */
  public Timers timers() {
    return timers;
  }

  /** The way signals take. */
  public SignalSender signals() {
    return signals;
  }

  /** Makes a process with an empty address space and no program. */
  public Process spawn(String name) {
    checkNumbers();
    return add(name, files.root(), spaces.make(numbers.next()));
  }

  private Process add(String name, Directory directory, AddressSpace space) {
    int pid = take();
    log.step(StepKind.SPAWNS, space.tables().root(), space.asid());
    var shared =
        new Shared(
            space,
            new Descriptors(pid, files, log),
            new WorkingDirectory(directory),
            new SignalActions());
    return add(new Process(pid, name, 0, Signal.SIGCHLD.number(), shared, signals, log));
  }

  private Process add(Process process) {
    all.put(process.pid(), process);
    tasks.put(process.pid(), process.leader());
    Process parent = all.get(process.parent());
    if (parent != null) {
      parent.children().add(process);
    }
    return process;
  }

  /** Makes a process with a program, which has not begun. */
  public Process start(
      Directory directory, String path, List<byte[]> arguments, List<byte[]> environment) {
    checkNumbers();
    Program program =
        loader.load(
            numbers.next(), null, new Credentials(), directory, path, arguments, environment);
    Process process = add(program.name(), directory, program.space());
    process.begin(program);
    return process;
  }

  /**
   * {@code execve(2)}: the thread that asks for it is the only one that goes on, and what the
   * process shared is its own. The hart has to enter the new address space.
   */
  public void exec(Task task, String path, List<byte[]> arguments, List<byte[]> environment) {
    Process process = task.process();
    int number = isNumberTaken(process) ? take() : process.pid();
    Program program =
        loader.load(
            number,
            process.space(),
            process.credentials(),
            process.directory(),
            path,
            arguments,
            environment);
    for (Task other : List.copyOf(process.tasks())) {
      if (other != task) {
        release.accept(other);
        remove(other);
      }
    }
    release.accept(task);
    if (task != process.leader()) {
      tasks.remove(task.tid());
      process.leaveOnly(task);
      tasks.put(task.tid(), task);
    }
    leave.accept(process.pid());
    letGo(process.replace(program), process.pid());
    if (process.descriptors().isShared()) {
      var own = new Descriptors(number, files, log);
      process.descriptors().copyTo(own);
      process.descriptors().removeUser();
      own.addUser();
      process.unshare(own);
    } else {
      process.unshare(process.descriptors());
    }
    process.timers().removeAll(timers);
    process.begin(program);
  }

  /** Whether others go on in an address space or with descriptors that bear its number. */
  private static boolean isNumberTaken(Process process) {
    AddressSpace space = process.space();
    Descriptors descriptors = process.descriptors();
    return space.users() > 1 && space.pid() == process.pid()
        || descriptors.isShared() && descriptors.pid() == process.pid();
  }

  private void letGo(AddressSpace space, int pid) {
    space.removeUser(pid);
    if (space.users() == 0) {
      spaces.takeDown(space);
    }
  }

  private void checkNumbers() {
    if (occupied() >= quota.processes()) {
      throw refusal.of(Errno.EAGAIN, StepKind.NO_ROOM, "processes", quota.processes());
    }
    if (numbers.next() < 0) {
      throw refusal.of(Errno.EAGAIN, StepKind.NO_PROCESS_NUMBER, PidNumbers.LIMIT - 1);
    }
  }

  /** Whether anything alive bears a number. */
  private boolean isTaken(int number) {
    if (tasks.containsKey(number)) {
      return true;
    }
    for (Process process : all.values()) {
      if (process.condition().isReaped()) {
        continue;
      }
      if (process.pid() == number || process.group() == number || process.session() == number) {
        return true;
      }
      boolean lives = process.isAlive();
      if (lives && (process.space().pid() == number || process.descriptors().pid() == number)) {
        return true;
      }
    }
    return false;
  }

  private int take() {
    int number = numbers.take();
    Process before = all.get(number);
    if (before != null) {
      ended.remove(before);
      forget(before);
    }
    return number;
  }

  private void forget(Process process) {
    process.deleteRow();
    all.remove(process.pid());
    for (Process other : all.values()) {
      if (other.creator() == process.pid()) {
        other.setCreator(process.creator());
      }
    }
  }

  /** Nobody waits for a process any more that has ended. */
  private void reap(Process child) {
    child.condition().reap();
    zombies--;
    Process parent = all.get(child.parent());
    if (parent != null) {
      parent.children().remove(child);
    }
    ended.add(child);
    if (ended.size() > MOST_ENDED) {
      forget(ended.remove());
    }
  }

  /** A parent hears of a child's end, and has its time counted as its own. */
  public void reap(Process parent, Process child) {
    parent.usage().inherit(child.usage());
    reap(child);
  }

  /**
   * {@code fork(2)}: a copy of a process, which shares its open files and, until they are written,
   * its pages.
   */
  public Process fork(Process parent) {
    return clone(parent.leader(), 0, Signal.SIGCHLD.number());
  }

  /**
   * {@code clone(2)} of a process: what the flags do not name is copied.
   *
   * @param exitSignal what tells the parent of its end; 0 for nothing
   */
  public Process clone(Task from, long flags, int exitSignal) {
    checkNumbers();
    Process source = from.process();
    AddressSpace space = source.space();
    if (!CloneFlag.VM.in(flags)) {
      space = fork.copy(space, numbers.next());
    }
    int pid = take();
    if (CloneFlag.VM.in(flags)) {
      log.step(StepKind.SHARES_SPACE, pid, source.pid());
    } else {
      log.step(StepKind.SPAWNS, space.tables().root(), space.asid());
    }
    boolean sharesFiles = CloneFlag.FILES.in(flags);
    var descriptors = sharesFiles ? source.descriptors() : new Descriptors(pid, files, log);
    var shared =
        new Shared(
            space,
            descriptors,
            CloneFlag.FS.in(flags) ? source.workingDirectory() : source.workingDirectory().copy(),
            CloneFlag.SIGHAND.in(flags) ? source.actions() : source.actions().copy());
    int parent = CloneFlag.PARENT.in(flags) ? source.parent() : source.pid();
    var child = new Process(pid, source.name(), parent, exitSignal, shared, signals, log);
    if (!sharesFiles) {
      source.descriptors().copyTo(descriptors);
    }
    child.inherit(from, !CloneFlag.VM.in(flags) || CloneFlag.VFORK.in(flags));
    if (CloneFlag.CLEAR_SIGHAND.in(flags)) {
      child.actions().dropHandlers();
    }
    return add(child);
  }

  /** {@code clone(2)} with CLONE_THREAD. */
  public Task cloneThread(Task from) {
    checkNumbers();
    int tid = take();
    log.step(StepKind.STARTS_THREAD, tid, from.process().pid());
    Task task = from.process().addTask(tid);
    task.registers().copy(from.registers());
    task.setAffinity(from.affinity());
    task.signals().inherit(from.signals(), false);
    task.setPolicy(from.policy().ofChild());
    tasks.put(tid, task);
    return task;
  }

  /** The number that the next process or thread gets. */
  public int nextPid() {
    return numbers.next();
  }

  /** The number that was given last. */
  public int lastPid() {
    return numbers.last();
  }

  /** How many processes and threads there have been. */
  public int made() {
    return numbers.made();
  }

  /** How many threads live, and how many processes have ended and not been waited for. */
  public int occupied() {
    return tasks.size() + zombies;
  }

  public @Nullable Process find(int pid) {
    return all.get(pid);
  }

  /** A living thread. */
  public @Nullable Task findTask(int tid) {
    return tasks.get(tid);
  }

  public Collection<Process> all() {
    return all.values();
  }

  /** How many threads live. */
  public int alive() {
    return tasks.size();
  }

  /** All living threads. */
  public NavigableMap<Integer, Task> tasks() {
    return tasks;
  }

  /** The address spaces in which processes live, each once. */
  public Set<AddressSpace> spaces() {
    Set<AddressSpace> living = new LinkedHashSet<>();
    for (Task task : tasks.values()) {
      living.add(task.space());
    }
    return living;
  }

  /** Ends a process by a signal: its memory and its descriptors are given back, its row stays. */
  public void kill(Process process, Signal signal) {
    process.tasks().forEach(release);
    end(process, true, KILLED_STATUS + signal.number());
  }

  /** Ends a process for its frames, which are needed at once: nothing is done in its memory. */
  void killForFrames(Process process) {
    end(process, true, KILLED_STATUS + Signal.SIGKILL.number());
  }

  /** {@code exit_group(2)}. */
  public void exit(Process process, int status) {
    process.tasks().forEach(release);
    end(process, false, status);
  }

  /** {@code exit(2)}: the last thread ends its process. */
  public void exit(Task task, int status) {
    if (task.process().tasks().size() == 1) {
      exit(task.process(), status);
    } else {
      log.step(StepKind.ENDS_THREAD, task.tid(), task.process().pid());
      release.accept(task);
      remove(task);
    }
  }

  private void remove(Task task) {
    tasks.remove(task.tid());
    task.process().removeTask(task);
  }

  private void end(Process process, boolean killed, int status) {
    leave.accept(process.pid());
    log.step(StepKind.ENDS, process.pid());
    process.tasks().forEach(task -> tasks.remove(task.tid()));
    process.descriptors().removeUser();
    AddressSpace space = process.space();
    letGo(space, process.pid());
    process.timers().removeAll(timers);
    timers.set(process.timers().alarm(), 0, 0);
    process.end(killed, status);
    zombies++;
    leaveChildren(process);
    tellEnd(process);
  }

  /** {@code forget_original_parent}: somebody else waits for its children. */
  private void leaveChildren(Process parent) {
    int reaper = reaper(parent);
    for (Process child : List.copyOf(parent.children())) {
      adopt(child, reaper);
    }
  }

  private void setParent(Process child, int number) {
    Process before = all.get(child.parent());
    Process after = all.get(number);
    if (before != null) {
      before.children().remove(child);
    }
    if (after != null) {
      after.children().add(child);
    }
    child.setParent(number);
  }

  private void tellEnd(Process child) {
    if (signals.tellEnd(child)) {
      reap(child);
    }
  }

  private void adopt(Process child, int reaper) {
    if (child.isAlive()) {
      setParent(child, reaper);
      if (child.parentDeathSignal() != 0) {
        signals.send(child, Siginfo.from(child.parentDeathSignal(), Siginfo.SI_USER, 0));
      }
    } else if (reaper == 0) {
      reap(child);
    } else {
      setParent(child, reaper);
      tellEnd(child);
    }
  }

  /** The nearest ancestor that takes orphans, else the laboratory. */
  private int reaper(Process orphaned) {
    for (Process at = all.get(orphaned.parent()); at != null; at = all.get(at.parent())) {
      if (at.isAlive() && at.isSubreaper()) {
        return at.pid();
      }
    }
    return 0;
  }

  public void forEachRow(RowReader reader) {
    all.values().forEach(process -> process.forEachRow(reader));
    spaces().forEach(space -> space.forEachRow(reader));
    Set<Descriptors> descriptors = new LinkedHashSet<>();
    for (Task task : tasks.values()) {
      descriptors.add(task.process().descriptors());
    }
    descriptors.forEach(open -> open.forEachRow(reader));
  }
}
