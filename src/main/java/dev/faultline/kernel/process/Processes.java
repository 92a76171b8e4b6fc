package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.AddressSpaces;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All processes by number. Numbers are never used twice. */
public final class Processes {
  /** {@code kernel.pid_max} as Linux begins with it; it keeps every pid a valid ASID. */
  private static final int LIMIT = 32_768;

  private final AddressSpaces spaces;
  private final FileSystem files;
  private final ChangeLog log;
  private final Refusal refusal;
  private final NavigableMap<Integer, Process> all = new TreeMap<>();
  private int nextPid = 1;

  public Processes(AddressSpaces spaces, FileSystem files, ChangeLog log) {
    this.spaces = spaces;
    this.files = files;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** Makes a process with an empty address space and no program. */
  public Process spawn(String name) {
    if (nextPid >= LIMIT) {
      throw refusal.of(Errno.EAGAIN, StepKind.NO_PROCESS_NUMBER, LIMIT - 1);
    }
    AddressSpace space = spaces.make(nextPid);
    int pid = nextPid++;
    log.step(StepKind.SPAWNS, space.tables().root(), space.asid());
    var process = new Process(pid, name, space, new Descriptors(pid, files, log), log);
    all.put(pid, process);
    return process;
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

  /** Ends a process: its memory and its descriptors are given back, its row stays. */
  public void kill(Process process) {
    log.step(StepKind.KILLED, process.pid());
    process.descriptors().closeAll();
    spaces.takeDown(process.space());
    process.end();
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
