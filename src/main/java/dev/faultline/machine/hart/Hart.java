package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Trap;

/**
 * One RV64I hart in U-mode: 32 registers, a program counter, and the supervisor registers that a
 * trap writes. Traps go to the {@link Environment}; when it says so, the same instruction runs
 * again.
 */
public final class Hart {
  /**
   * An instruction may trap for each page it touches and for A and D of each; more is a livelock.
   */
  private static final int MOST_TRAPS = 16;

  private static final int USER = 0;
  private static final int SUPERVISOR = 1;

  private final int number;
  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final PagingMode mode;
  private final Trap trap;
  private final ChangeLog log;
  private final Environment environment;

  private final long[] x = new long[32];
  private long pc;
  private int privilege = USER;
  private long satp;
  private long scause;
  private long stval;
  private long sepc;
  private long instret;
  private int pid;

  private long loggedPc;
  private long loggedInstret;

  public Hart(
      int number,
      PhysicalMemory memory,
      Mmu mmu,
      PagingMode mode,
      Trap trap,
      Environment environment,
      ChangeLog log) {
    this.number = number;
    this.memory = memory;
    this.mmu = mmu;
    this.mode = mode;
    this.trap = trap;
    this.environment = environment;
    this.log = log;
    forEachRow((table, key, values) -> {
      ChangeLog row = log.insert(table, key);
      for (long value : values) {
        row.value(value);
      }
      row.end();
    });
  }

  public long register(int index) {
    return x[index];
  }

  public void setRegister(int index, long value) {
    if (index != 0) {
      x[index] = value;
    }
  }

  public long pc() {
    return pc;
  }

  public void setPc(long address) {
    pc = address;
  }

  public long scause() {
    return scause;
  }

  public long stval() {
    return stval;
  }

  public long sepc() {
    return sepc;
  }

  public void setSepc(long address) {
    log.update(Table.HART, number).column(Table.Hart.SEPC, sepc, address).end();
    sepc = address;
  }

  /** Retired instructions: the time of the laboratory. */
  public long instret() {
    return instret;
  }

  /** Writes {@code satp}, so that what follows runs in a process's address space. */
  public void enter(int newPid, int asid, long root) {
    if (newPid == pid) {
      return;
    }
    long newSatp = mode.satp(asid, root);
    log.update(Table.HART, number)
        .column(Table.Hart.PID, pid, newPid)
        .column(Table.Hart.SATP, satp, newSatp)
        .end();
    pid = newPid;
    satp = newSatp;
    mmu.use(root, asid);
  }

  /**
   * Leaves the address space of a process that is to be no more, if it is in it: {@code satp} is
   * Bare until another is entered.
   */
  public void leave(int oldPid) {
    if (oldPid != pid) {
      return;
    }
    log.update(Table.HART, number)
        .column(Table.Hart.PID, pid, 0)
        .column(Table.Hart.SATP, satp, 0)
        .end();
    pid = 0;
    satp = 0;
  }

  /**
   * Writes what the log's row of this hart does not know yet: {@code pc} and {@code instret} change
   * all the time.
   */
  public void settle() {
    log.update(Table.HART, number)
        .column(Table.Hart.PC, loggedPc, pc)
        .column(Table.Hart.INSTRET, loggedInstret, instret)
        .end();
    loggedPc = pc;
    loggedInstret = instret;
  }

  /**
   * Fetches and executes the instruction at {@code pc}, through any faults that can be mended.
   *
   * @return false when the process cannot go on
   */
  public boolean step() {
    for (int traps = 0; traps < MOST_TRAPS; traps++) {
      try {
        Rv64i.execute(this, fetch(pc));
        instret++;
        return true;
      } catch (Trap taken) {
        if (!mended(taken)) {
          return false;
        }
        if (sepc != pc) {
          pc = sepc;
          return true;
        }
      }
    }
    throw new IllegalStateException(
        "the instruction at 0x" + Long.toHexString(pc) + " traps without end");
  }

  /**
   * Executes an instruction given from outside, as a debugger does through the program buffer of
   * the RISC-V Debug Specification: it is not fetched and {@code pc} stays.
   *
   * @return false when the process cannot go on
   */
  boolean inject(int instruction) {
    for (int traps = 0; traps < MOST_TRAPS; traps++) {
      long stays = pc;
      try {
        Rv64i.execute(this, instruction);
        instret++;
        return true;
      } catch (Trap taken) {
        if (!mended(taken)) {
          return false;
        }
      } finally {
        pc = stays;
      }
    }
    throw new IllegalStateException(
        "an access at 0x" + Long.toHexString(stval) + " traps without end");
  }

  /**
   * Fetches the instruction at {@code address} without executing it; false when the process cannot
   * go on.
   */
  boolean tryFetch(long address, int[] fetched) {
    for (int traps = 0; traps < MOST_TRAPS; traps++) {
      try {
        fetched[0] = fetch(address);
        return true;
      } catch (Trap taken) {
        if (!mended(taken)) {
          return false;
        }
      }
    }
    throw new IllegalStateException(
        "a fetch at 0x" + Long.toHexString(address) + " traps without end");
  }

  private boolean mended(Trap taken) {
    enterSupervisor(taken.cause(), taken.value());
    if (!environment.handle(this)) {
      leaveSupervisor();
      return false;
    }
    log.step(sepc == pc ? StepKind.RETRIES : StepKind.RESUMES, sepc);
    leaveSupervisor();
    return true;
  }

  private void enterSupervisor(int cause, long value) {
    log.step(StepKind.TRAPS, cause, value, pc);
    log.update(Table.HART, number)
        .column(Table.Hart.PRIVILEGE, privilege, SUPERVISOR)
        .column(Table.Hart.SCAUSE, scause, cause)
        .column(Table.Hart.STVAL, stval, value)
        .column(Table.Hart.SEPC, sepc, pc)
        .end();
    privilege = SUPERVISOR;
    scause = cause;
    stval = value;
    sepc = pc;
  }

  private void leaveSupervisor() {
    log.update(Table.HART, number).column(Table.Hart.PRIVILEGE, privilege, USER).end();
    privilege = USER;
  }

  private int fetch(long address) {
    if ((address & 1) != 0) {
      throw trap.with(Cause.INSTRUCTION_MISALIGNED, address);
    }
    if (crossesPage(address, 4)) {
      long low = memory.load(mmu.translate(address, Access.FETCH), 2);
      return (int) (memory.load(mmu.translate(address + 2, Access.FETCH), 2) << 16 | low);
    }
    return (int) memory.load(mmu.translate(address, Access.FETCH), 4);
  }

  Trap trap(int cause, long value) {
    return trap.with(cause, value);
  }

  /** A load of 1, 2, 4 or 8 bytes, zero-extended. */
  long load(long va, int size) {
    if (crossesPage(va, size)) {
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | memory.load(mmu.translate(va + i, Access.LOAD), 1);
      }
      return value;
    }
    return memory.load(mmu.translate(va, Access.LOAD), size);
  }

  /** A store of the low 1, 2, 4 or 8 bytes of {@code value}. */
  void store(long va, int size, long value) {
    if (crossesPage(va, size)) {
      // Both pages are translated first, so that a fault on the second leaves the first unchanged.
      mmu.translate(va, Access.STORE);
      mmu.translate(va + size - 1, Access.STORE);
      for (int i = 0; i < size; i++) {
        memory.store(mmu.translate(va + i, Access.STORE), 1, value >>> 8 * i);
      }
      return;
    }
    memory.store(mmu.translate(va, Access.STORE), size, value);
  }

  private static boolean crossesPage(long va, int size) {
    return (va & PhysicalMemory.FRAME_SIZE - 1) + size > PhysicalMemory.FRAME_SIZE;
  }

  /** Gives the hart's row to {@code reader}. */
  public void forEachRow(RowReader reader) {
    reader.row(
        Table.HART,
        number,
        number,
        pid,
        privilege,
        loggedPc,
        satp,
        scause,
        stval,
        sepc,
        loggedInstret);
  }
}
