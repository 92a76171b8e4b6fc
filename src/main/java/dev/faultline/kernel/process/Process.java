package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;

/** A process ({@code struct task_struct}). Its row in the log is written here. */
public final class Process {
  private static final int RUNNING = 0;
  private static final int KILLED = 1;
  private static final int EXITED = 2;

  private final int pid;
  private final String name;
  private final int parent;
  private final AddressSpace space;
  private final Descriptors descriptors;
  private final Registers registers = new Registers();
  private final ChangeLog log;
  private int state = RUNNING;
  private int status;

  Process(
      int pid,
      String name,
      int parent,
      AddressSpace space,
      Descriptors descriptors,
      ChangeLog log) {
    this.pid = pid;
    this.name = name;
    this.parent = parent;
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

  /** Its registers while it is not on the hart. */
  public Registers registers() {
    return registers;
  }

  public boolean isAlive() {
    return state == RUNNING;
  }

  public boolean wasKilled() {
    return state == KILLED;
  }

  /** What it exited with, or 128 and the number of the signal that killed it. */
  public int status() {
    return status;
  }

  void end(boolean killed, int newStatus) {
    status = newStatus;
    int ended = killed ? KILLED : EXITED;
    log.update(Table.PROCESS, pid)
        .column(Table.Process.STATE, state, ended)
        .column(Table.Process.ROOT, root(), 0)
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
