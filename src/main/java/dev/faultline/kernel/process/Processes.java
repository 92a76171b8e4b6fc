package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.AddressSpaces;
import dev.faultline.kernel.mm.Fork;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** All processes by number. Numbers are never used twice. */
public final class Processes {
  /** {@code kernel.pid_max} as Linux begins with it; it keeps every pid a valid ASID. */
  private static final int LIMIT = 32_768;

  /** What a shell adds to the number of the signal that killed a process. */
  private static final int KILLED_STATUS = 128;

  private final AddressSpaces spaces;
  private final Fork fork;
  private final FileSystem files;
  private final ProgramLoader loader;
  private final Quota quota;
  private final IntConsumer leave;
  private final ChangeLog log;
  private final Refusal refusal;
  private final NavigableMap<Integer, Process> all = new TreeMap<>();
  private int nextPid = 1;

  /**
   * @param leave takes the hart out of the address space of a process
   */
  public Processes(
      AddressSpaces spaces,
      Fork fork,
      FileSystem files,
      ProgramLoader loader,
      Quota quota,
      IntConsumer leave,
      ChangeLog log) {
    this.spaces = spaces;
    this.fork = fork;
    this.files = files;
    this.loader = loader;
    this.quota = quota;
    this.leave = leave;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** Makes a process with an empty address space and no program. */
  public Process spawn(String name) {
    checkNumbers();
    return add(name, spaces.make(nextPid));
  }

  private Process add(String name, AddressSpace space) {
    int pid = nextPid++;
    log.step(StepKind.SPAWNS, space.tables().root(), space.asid());
    var descriptors = new Descriptors(pid, files, log);
    var process = new Process(pid, name, 0, space, files.root(), descriptors, log);
    all.put(pid, process);
    return process;
  }

  /** Makes a process with a program, which has not begun. */
  public Process start(
      Directory directory, String path, List<byte[]> arguments, List<byte[]> environment) {
    checkNumbers();
    Program program = loader.load(nextPid, null, directory, path, arguments, environment);
    Process process = add(program.name(), program.space());
    process.setDirectory(directory);
    process.begin(program);
    return process;
  }

  /** {@code execve(2)}; the hart has to enter the new address space. */
  public void exec(Process process, String path, List<byte[]> arguments, List<byte[]> environment) {
    Program program =
        loader.load(
            process.pid(), process.space(), process.directory(), path, arguments, environment);
    leave.accept(process.pid());
    spaces.takeDown(process.replace(program));
    process.begin(program);
  }

  private void checkNumbers() {
    if (nextPid >= LIMIT) {
      throw refusal.of(Errno.EAGAIN, StepKind.NO_PROCESS_NUMBER, LIMIT - 1);
    }
    if (alive() >= quota.processes()) {
      throw refusal.of(Errno.EAGAIN, StepKind.NO_ROOM, "processes", quota.processes());
    }
  }

  /**
   * {@code fork(2)}: a copy of a process, which shares its open files and, until they are written,
   * its pages.
   */
  public Process fork(Process parent) {
    checkNumbers();
    AddressSpace space = fork.copy(parent.space(), nextPid);
    int pid = nextPid++;
    log.step(StepKind.SPAWNS, space.tables().root(), space.asid());
    var descriptors = new Descriptors(pid, files, log);
    var child =
        new Process(pid, parent.name(), parent.pid(), space, parent.directory(), descriptors, log);
    parent.descriptors().copyTo(descriptors);
    child.inherit(parent);
    all.put(pid, child);
    return child;
  }

  /** The number that the next process gets. */
  public int nextPid() {
    return nextPid;
  }

  public @Nullable Process find(int pid) {
    return all.get(pid);
  }

  public Collection<Process> all() {
    return all.values();
  }

  public int alive() {
    return (int) all.values().stream().filter(Process::isAlive).count();
  }

  /** Ends a process by a signal: its memory and its descriptors are given back, its row stays. */
  public void kill(Process process, Signal signal) {
    end(process, true, KILLED_STATUS + signal.number());
  }

  /** {@code exit(2)}. */
  public void exit(Process process, int status) {
    end(process, false, status);
  }

  private void end(Process process, boolean killed, int status) {
    leave.accept(process.pid());
    log.step(StepKind.ENDS, process.pid());
    process.descriptors().closeAll();
    spaces.takeDown(process.space());
    process.end(killed, status);
    Process parent = all.get(process.parent());
    if (parent != null && parent.isAlive() && parent.hasProgram()) {
      parent.signals().raise(Signal.SIGCHLD.number());
    }
  }

  public void forEachRow(RowReader reader) {
    for (Process process : all.values()) {
      process.forEachRow(reader);
      if (process.isAlive()) {
        process.space().forEachRow(reader);
        process.descriptors().forEachRow(reader);
      }
    }
  }
}
