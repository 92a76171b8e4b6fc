package dev.faultline.machine.hart;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.machine.isa.Disassembler;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.memory.PhysicalMemory.Mark;
import dev.faultline.machine.mmu.Mmu;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Privilege;
import dev.faultline.machine.mmu.Tlb;
import dev.faultline.machine.mmu.Trap;
import org.jspecify.annotations.Nullable;

/**
 * One RV64GC hart, in one of two environments.
 *
 * <p>With a kernel outside the machine ({@link Environment}) it is always in U-mode. A trap writes
 * what hardware writes for S-mode, and the kernel handles it; when it says so, the hart goes on at
 * {@code sepc}. In a bare-metal machine it starts in M-mode, and traps go to {@code mtvec} and
 * {@code stvec}.
 *
 * <p>Instructions run in one of two ways, with the same effect. {@link #step} fetches and executes
 * one and tells the log how it was translated. {@link #run} executes decoded blocks, and the log
 * hears only of what went wrong; rows of the TLB are told as they are at its end and at each trap.
 */
public final class Hart {
  /** Why {@link #run} came back. */
  public enum Stop {
    /** So many instructions have retired. */
    BUDGET,
    /** The kernel said that the process cannot go on. */
    KERNEL,
    /** Memory that somebody waits for was stored to, by the last instruction. */
    AWAITED,
    /** The next instruction is the one at the breakpoint. */
    BREAKPOINT,
    /** Nothing retires any more: the trap handler itself traps. */
    TRAPS
  }

  /**
   * An instruction may trap for each page it touches and for A and D of each, and all over again
   * while the kernel takes pages away for others; the kernel gives up long before this.
   */
  private static final int MOST_TRAPS = 256;

  /** HotSpot compiles a method better that is called now and then. */
  private static final int LONGEST_RUN = 1 << 16;

  private final int number;
  private final PhysicalMemory memory;
  private final Mmu mmu;
  private final Tlb tlb;
  private final PagingMode mode;
  private final ChangeLog log;
  private final @Nullable Environment environment;

  private final long[] x = new long[33];
  private final long[] f = new long[32];
  private long pc;
  private final ControlRegisters registers;
  private final LoadStore access;
  private final FetchUnit fetcher;
  private final Traps traps;
  private final Interpreter interpreter;
  private final BlockExecutor compiled;
  private final RegionCompiler compiler;

  private long retired;
  private int executing;
  private int pid;
  private @Nullable Trap trapped;
  private boolean attention;
  private boolean fetchesDropped;
  private boolean awaited;
  private long awaitedAddress;
  private @Nullable Long breakpoint;
  private final HartRow logged = new HartRow();

  /**
   * @param mode what {@link #enter} writes to {@code satp}
   * @param environment the kernel outside; null for a bare-metal machine
   */
  public Hart(
      int number,
      PhysicalMemory memory,
      Mmu mmu,
      Tlb tlb,
      CodeCache codes,
      PagingMode mode,
      Trap trap,
      @Nullable Environment environment,
      ChangeLog log) {
    this.number = number;
    this.memory = memory;
    this.mmu = mmu;
    this.tlb = tlb;
    this.mode = mode;
    this.environment = environment;
    this.log = log;
    registers = new ControlRegisters(mmu);
    var clint = environment == null ? new Clint(this, registers.interrupts) : null;
    access = new LoadStore(memory, mmu, trap, clint);
    traps = new Traps(this, registers, tlb, environment, log);
    codes.whenDropped(this::callAttention);
    fetcher = new FetchUnit(memory, mmu, codes, access, registers);
    var system = new SystemUnit(this, registers, traps, tlb, trap, x);
    var floats = new FloatUnit(registers, trap, x, f);
    var atomics = new Atomics(access, x);
    compiler = new RegionCompiler(codes, mmu);
    interpreter =
        new Interpreter(this, memory, mmu, codes, access, system, floats, atomics, compiler, x, f);
    var ports = new Ports(this, memory, mmu, access, fetcher, floats, atomics, registers, x, f);
    compiled = new CompiledExecutor(this, memory, interpreter, ports, x, f);
    tlb.whenFetchesDropped(() -> fetchesDropped = true);
    memory.watch(Mark.AWAITED, this::storedNearAwaited);
    if (environment != null) {
      registers.open();
      registers.setPrivilege(Privilege.U);
    }
    logged.take(this);
    logged.insert(log, number);
  }

  public long register(int index) {
    return x[index];
  }

  public void setRegister(int index, long value) {
    if (index != 0) {
      x[index] = value;
    }
  }

  /** The bits of a floating-point register. */
  public long floatRegister(int index) {
    return f[index];
  }

  public void setFloatRegister(int index, long bits) {
    f[index] = bits;
  }

  /** {@code fcsr}: rounding mode and accrued exceptions. */
  public int fcsr() {
    return registers.frm() << 5 | registers.fflags();
  }

  public void setFcsr(int value) {
    registers.setFcsr(value >>> 5, value);
  }

  public long pc() {
    return pc;
  }

  public void setPc(long address) {
    pc = address;
  }

  public int privilege() {
    return registers.privilege();
  }

  public long satp() {
    return registers.satp();
  }

  public long scause() {
    return registers.scause();
  }

  public long stval() {
    return registers.stval();
  }

  public long sepc() {
    return registers.sepc();
  }

  public void setSepc(long address) {
    registers.setSepc(address);
    settleTrap();
  }

  public int number() {
    return number;
  }

  int pid() {
    return pid;
  }

  /** How many instructions it has retired. */
  public long instret() {
    return retired + executing;
  }

  long retired() {
    return retired + executing;
  }

  // What units tell the hart while it runs.

  /** How many instructions of this run have retired before the one that is executed now. */
  void setExecuting(int count) {
    executing = count;
  }

  void setTrapped(Trap trap) {
    trapped = trap;
  }

  /** Makes the run look at everything anew after this instruction. */
  void callAttention() {
    attention = true;
  }

  boolean takeAttention() {
    boolean was = attention;
    attention = false;
    return was;
  }

  /** True once when pages have left the fast path that instructions were fetched from. */
  boolean takeFetchesDropped() {
    boolean was = fetchesDropped;
    fetchesDropped = false;
    return was;
  }

  /** Makes {@link #run} stop at a store to the doubleword at {@code address}. */
  public void await(long address) {
    awaitedAddress = address;
    memory.mark(memory.frameIndex(address), Mark.AWAITED);
  }

  private void storedNearAwaited(long address, int length) {
    if (address < awaitedAddress + 8 && address + length > awaitedAddress) {
      awaited = true;
      attention = true;
    }
  }

  // Address spaces of processes.

  /** Writes {@code satp}, so that what follows runs in a process's address space. */
  public void enter(int newPid, int asid, long root) {
    if (newPid == pid) {
      return;
    }
    pid = newPid;
    registers.setSatp(mode.satp(asid, root));
    access.endReservation();
    settleTrap();
  }

  /**
   * Leaves the address space of a process that is to be no more, if it is in it: {@code satp} is
   * Bare until another is entered.
   */
  public void leave(int oldPid) {
    if (oldPid != pid) {
      return;
    }
    pid = 0;
    registers.setSatp(0);
    settleTrap();
  }

  /** Somebody else's instructions follow: an SC of theirs fails without an LR of their own. */
  public void endReservation() {
    access.endReservation();
  }

  // Running.

  /**
   * Compiles blocks that were executed so often; 0 compiles every block at once, and the largest
   * number none. What programs do is the same.
   */
  public void compileAfter(int executions) {
    compiler.setThreshold(executions);
  }

  /**
   * Stops every run before the instruction at this address, which is executed first where a run
   * begins at it; null for none. Each instruction is a run of its own meanwhile.
   */
  public void setBreakpoint(@Nullable Long address) {
    breakpoint = address;
  }

  /**
   * Executes until {@code budget} instructions have retired, to the instruction, or something else
   * stops it.
   */
  public Stop run(long budget) {
    mmu.setNarrates(false);
    tlb.setDeferred(true);
    try {
      return runQuietly(retired + budget);
    } finally {
      tlb.setDeferred(false);
      tlb.settle();
      mmu.setNarrates(true);
    }
  }

  private Stop runQuietly(long until) {
    int attempts = 0;
    long lastRetired = retired;
    long lastPc = pc;
    awaited = false;
    while (retired < until) {
      long rest = until - retired;
      if (environment == null) {
        traps.takeInterrupt();
        rest = Math.min(rest, registers.interrupts.untilTimer(retired));
      }
      long from = pc;
      execute(breakpoint == null ? (int) Math.min(rest, LONGEST_RUN) : 1);
      if (awaited) {
        return Stop.AWAITED;
      }
      if (trapped != null) {
        if (!taken(trapped)) {
          return Stop.KERNEL;
        }
        attempts = retired == lastRetired && pc == lastPc ? attempts + 1 : 0;
        if (attempts > MOST_TRAPS) {
          return Stop.TRAPS;
        }
        lastRetired = retired;
        lastPc = pc;
      }
      if (breakpoint != null && pc == breakpoint && (trapped == null || pc != from)) {
        return Stop.BREAKPOINT;
      }
    }
    return Stop.BUDGET;
  }

  /** Executes from {@code pc} on; a trap is left in {@link #trapped}. */
  private void execute(int budget) {
    trapped = null;
    attention = false;
    fetchesDropped = false;
    try {
      Block block = mmu.isFast() ? fetcher.cached(pc) : null;
      if (block == null) {
        fetcher.fetch(pc);
        executeAlone();
        return;
      }
      if (block.compiled() == null && block.heats(compiler.threshold())) {
        compiler.compile(block, pc);
      }
      BlockExecutor executor = CompiledExecutor.runs(block, budget) ? compiled : interpreter;
      count(executor.run(block, pc, budget));
    } catch (Trap trap) {
      trapped = trap;
    }
  }

  /** Executes the instruction that was just fetched. */
  private void executeAlone() {
    Block alone = fetcher.fetched();
    if (mmu.narrates()) {
      log.step(StepKind.EXECUTES, log.intern(Disassembler.text(alone.code[0], pc)), pc);
    }
    count(interpreter.run(alone, pc, 1));
  }

  private void count(int count) {
    retired += count;
    executing = 0;
  }

  /**
   * Executes the instruction at {@code pc}, through any faults that can be mended.
   *
   * @return false when the process cannot go on
   */
  public boolean step() {
    if (environment == null) {
      traps.takeInterrupt();
    }
    for (int attempts = 0; attempts < MOST_TRAPS; attempts++) {
      long before = pc;
      execute(1);
      if (trapped == null) {
        return true;
      }
      if (!taken(trapped)) {
        return false;
      }
      if (pc != before || environment == null) {
        return true;
      }
    }
    throw livelock("the instruction", pc);
  }

  /**
   * Executes an instruction given from outside, as a debugger does through the program buffer of
   * the RISC-V Debug Specification: it is not fetched and {@code pc} stays.
   *
   * @param instruction {@link Block#ofOne}
   * @return false when the process cannot go on
   */
  boolean inject(Block instruction) {
    long stays = pc;
    for (int attempts = 0; attempts < MOST_TRAPS; attempts++) {
      trapped = null;
      count(interpreter.run(instruction, stays, 1));
      pc = stays;
      if (trapped == null) {
        return true;
      }
      if (!taken(trapped)) {
        return false;
      }
      pc = stays;
    }
    throw livelock("an access", stval());
  }

  /**
   * Fetches the instruction at {@code address} without executing it; false when the process cannot
   * go on.
   */
  boolean tryFetch(long address, int[] fetched) {
    for (int attempts = 0; attempts < MOST_TRAPS; attempts++) {
      try {
        fetched[0] = fetcher.fetch(address);
        return true;
      } catch (Trap taken) {
        if (!taken(taken)) {
          return false;
        }
      }
    }
    throw livelock("a fetch", address);
  }

  private static IllegalStateException livelock(String what, long address) {
    return new IllegalStateException(
        what + " at 0x" + Long.toHexString(address) + " traps without end");
  }

  private boolean taken(Trap trap) {
    access.endReservation();
    return traps.take(trap);
  }

  // The log.

  /** Writes what changes rarely. */
  void settleTrap() {
    logged.update(log, number, this, false);
  }

  /**
   * Writes what the log's row of this hart does not know yet: {@code pc} and {@code instret} change
   * all the time.
   */
  public void settle() {
    logged.update(log, number, this, true);
  }

  /** Gives the hart's row to {@code reader}. */
  public void forEachRow(RowReader reader) {
    logged.give(reader, number);
  }
}
