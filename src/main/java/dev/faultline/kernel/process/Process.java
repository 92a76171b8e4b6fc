package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;

/** A process ({@code struct task_struct}). Its row in the log is written here. */
public final class Process {
  private static final int RUNNING = 0;
  private static final int KILLED = 1;

  private final int pid;
  private final String name;
  private final AddressSpace space;
  private final Descriptors descriptors;
  private final ChangeLog log;
  private int state = RUNNING;

  Process(int pid, String name, AddressSpace space, Descriptors descriptors, ChangeLog log) {
    this.pid = pid;
    this.name = name;
    this.space = space;
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

  public String name() {
    return name;
  }

  public AddressSpace space() {
    return space;
  }

  public Descriptors descriptors() {
    return descriptors;
  }

  public boolean isAlive() {
    return state == RUNNING;
  }

  void end() {
    log.update(Table.PROCESS, pid).column(Table.Process.STATE, state, KILLED).end();
    state = KILLED;
  }

  void forEachRow(RowReader reader) {
    reader.row(
        Table.PROCESS, pid, pid, log.intern(name), state, 0, space.tables().root(), space.asid());
  }
}
