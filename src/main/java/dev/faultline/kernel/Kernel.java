package dev.faultline.kernel;

import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.mm.AddressSpaces;
import dev.faultline.kernel.mm.Brk;
import dev.faultline.kernel.mm.Commitment;
import dev.faultline.kernel.mm.Cooling;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.FileMappings;
import dev.faultline.kernel.mm.Fork;
import dev.faultline.kernel.mm.FrameMappings;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.Madvise;
import dev.faultline.kernel.mm.MemoryCalls;
import dev.faultline.kernel.mm.Mincore;
import dev.faultline.kernel.mm.Mlock;
import dev.faultline.kernel.mm.Mmap;
import dev.faultline.kernel.mm.Mprotect;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.kernel.mm.Msync;
import dev.faultline.kernel.mm.Munmap;
import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.mm.PageCache;
import dev.faultline.kernel.mm.PageFaults;
import dev.faultline.kernel.mm.Populate;
import dev.faultline.kernel.mm.ProcessVm;
import dev.faultline.kernel.mm.Readahead;
import dev.faultline.kernel.mm.Reclaim;
import dev.faultline.kernel.mm.Reference;
import dev.faultline.kernel.mm.ReverseMap;
import dev.faultline.kernel.mm.SwapArea;
import dev.faultline.kernel.mm.Truncate;
import dev.faultline.kernel.mm.UserMemory;
import dev.faultline.kernel.mm.Zap;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.syscall.Syscalls;
import dev.faultline.log.Cause;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Strings;
import dev.faultline.machine.Machine;
import dev.faultline.machine.hart.Environment;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Walk;
import dev.faultline.machine.mmu.WalkObserver;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The kernel on its machine: what is behind every trap from U-mode, and what commands ask for. */
public final class Kernel implements Environment {
  private static final int A0 = 10;
  private static final int A7 = 17;
  private static final int EXIT = 93;
  private static final int EXIT_GROUP = 94;

  /** Instructions between two looks at whether there is time left. */
  private static final long QUANTUM = 1 << 20;

  /** No instruction needs more pages at once: its own two and those of two loads or stores. */
  private static final int MOST_FAULTS_IN_A_ROW = 64;

  private final ChangeLog log;
  private final Machine machine;
  private final FrameTable frames;
  private final ReverseMap reverse;
  private final SwapArea swap;
  private final PageCache cache;
  private final PageFaults faults;
  private final FileSystem files;
  private final Processes processes;
  private final Syscalls syscalls;
  private final OomKiller oom;

  private @Nullable Process current;
  private @Nullable SignalInfo delivered;
  private int faultsInARow;
  private long retiredAtFault;
  private RunEnd.@Nullable Reason awaited;
  private RunEnd.@Nullable Reason reached;

  /**
   * Starts the kernel on a new machine.
   *
   * @throws OutOfFrames when the machine has no frame for the zero page
   */
  public Kernel(KernelConfiguration configuration, ChangeLog log) {
    this.log = log;
    machine = new Machine(configuration.machine(), this, log);
    frames =
        new FrameTable(
            machine.memory(), configuration.reclaim(), configuration.machine().seed(), log);
    reverse = new ReverseMap(machine.memory());
    swap = new SwapArea(configuration.swapSlots(), machine.memory(), log);
    var frameMappings = new FrameMappings(reverse, frames, machine.tlb(), log);
    cache = new PageCache(machine.memory(), frames, frameMappings, swap, log);
    var reclaim = new Reclaim(frames, cache, frameMappings, swap, log);
    var readahead = new Readahead(cache, configuration.prefetch().readahead(), log);
    faults =
        new PageFaults(
            frames,
            cache,
            swap,
            readahead,
            machine.memory(),
            machine.tlb(),
            configuration.machine().adBits(),
            configuration.prefetch().faultAround(),
            log);
    files = new FileSystem(log);
    files.whenForgotten(cache::forget);
    var zap = new Zap(frames, swap, machine.tlb(), log);
    var mappings = new FileMappings();
    var munmap = new Munmap(files, zap, log);
    var populate = new Populate(faults, log);
    var mmap = new Mmap(files, munmap, faults, populate, frames, configuration.privateFile(), log);
    var promised =
        new Commitment(configuration.overcommit(), frames, configuration.swapSlots(), log);
    var spaces = new AddressSpaces(machine, frames, munmap, mappings, reverse, promised, log);
    processes =
        new Processes(spaces, new Fork(spaces, frames, swap, machine.tlb(), log), files, log);
    oom = new OomKiller(processes, frames, machine.hart(), log);
    var mprotect = new Mprotect(frames, populate, machine.tlb(), log);
    var msync = new Msync(cache, log);
    var truncate = new Truncate(cache, mappings, zap, log);
    var cooling = new Cooling(frames, reclaim, zap, machine.tlb(), log);
    var access = new FileAccess(cache, readahead, truncate);
    var fallocate = new Fallocate(cache, mappings, zap, truncate, log);
    var userMemory = new UserMemory(faults, machine.memory(), machine.tlb(), log);
    var calls =
        new MemoryCalls(
            mmap,
            munmap,
            mprotect,
            new Mremap(munmap, populate, frames, machine.tlb(), log),
            msync,
            new Madvise(cache, fallocate, faults, zap, populate, cooling, log),
            new Mlock(populate, log),
            new Mincore(cache, log),
            new Brk(munmap, populate, log),
            new ProcessVm(userMemory, log),
            fallocate);
    syscalls = new Syscalls(files, calls, truncate, access, processes, userMemory, log);
  }

  public Machine machine() {
    return machine;
  }

  /** The strings that the log's values refer to. */
  public Strings strings() {
    return log.strings();
  }

  public FileSystem files() {
    return files;
  }

  public FrameTable frames() {
    return frames;
  }

  public ReverseMap reverse() {
    return reverse;
  }

  public SwapArea swap() {
    return swap;
  }

  public PageCache cache() {
    return cache;
  }

  public Processes processes() {
    return processes;
  }

  public Syscalls syscalls() {
    return syscalls;
  }

  /** A command begins, in a process or, with null, in the laboratory as a whole. */
  public void actFor(@Nullable Process process) {
    oom.actFor(process);
  }

  /** True when a command was given up because its process is out of memory and must end. */
  public boolean isActorDoomed() {
    return oom.isActorDoomed();
  }

  /** The bytes that the process reads from {@code va} on; null when a signal stopped it. */
  public byte @Nullable [] read(Process process, long va, int length) {
    enter(process);
    byte[] bytes = new byte[length];
    return machine.probe().read(va, bytes) ? bytes : null;
  }

  /** The process writes {@code bytes} from {@code va} on; false when a signal stopped it. */
  public boolean write(Process process, long va, byte[] bytes) {
    enter(process);
    return machine.probe().write(va, bytes);
  }

  /** The process fetches the instruction at {@code va}; false when a signal stopped it. */
  public boolean fetch(Process process, long va) {
    enter(process);
    return machine.probe().fetch(va);
  }

  /** The process ends of its own will; the hart leaves its address space first. */
  public void exit(Process process, int status) {
    machine.hart().leave(process.pid());
    processes.exit(process, status);
  }

  /** {@code fork(2)}. */
  public Process fork(Process process) {
    registers(process);
    return processes.fork(process);
  }

  /** The registers of a process, wherever they are. */
  public Registers registers(Process process) {
    if (process == current) {
      process.registers().save(machine.hart());
    }
    return process.registers();
  }

  /** The process goes on at another address. */
  public void continueAt(Process process, long address) {
    enter(process);
    machine.hart().setPc(address);
  }

  /**
   * The process executes instructions one by one, each of them told.
   *
   * @return how it ended; SIGNAL is what {@link #delivered} tells
   */
  public RunEnd step(Process process, int count) {
    enter(process);
    for (int done = 0; done < count; done++) {
      if (!machine.hart().step()) {
        return ended(process, done);
      }
    }
    return new RunEnd(RunEnd.Reason.INSTRUCTIONS, 0, count);
  }

  /**
   * The process runs as fast as the hart goes.
   *
   * @param instructions how many may retire
   * @param until what to stop at besides the process's end and its signals; EXIT for nothing else
   * @param outOfTime asked now and then, always after the same numbers of instructions: a run that
   *     it stopped can be told again by the number of instructions that retired
   */
  public RunEnd run(
      Process process, long instructions, RunEnd.Reason until, BooleanSupplier outOfTime) {
    enter(process);
    awaited = until;
    try {
      return run(process, instructions, outOfTime);
    } finally {
      awaited = null;
    }
  }

  private RunEnd run(Process process, long instructions, BooleanSupplier outOfTime) {
    Hart hart = machine.hart();
    long begin = hart.instret();
    while (true) {
      long done = hart.instret() - begin;
      if (done >= instructions) {
        return new RunEnd(RunEnd.Reason.INSTRUCTIONS, 0, done);
      }
      if (done > 0 && outOfTime.getAsBoolean()) {
        return new RunEnd(RunEnd.Reason.TIME, 0, done);
      }
      if (hart.run(Math.min(QUANTUM, instructions - done)) != Hart.Stop.BUDGET) {
        return ended(process, hart.instret() - begin);
      }
    }
  }

  /** Why the hart came back before it had to. */
  private RunEnd ended(Process process, long instructions) {
    if (!process.isAlive()) {
      return new RunEnd(RunEnd.Reason.EXIT, process.status(), instructions);
    }
    var reason = reached == null ? RunEnd.Reason.SIGNAL : reached;
    return new RunEnd(reason, 0, instructions);
  }

  /**
   * Walks a process's tables for an access without any side effect.
   *
   * @return the physical address, or -1 for a page fault, whose reason the observer was told
   */
  public long walk(Process process, long va, Access access, WalkObserver observer) {
    var walk = new Walk(machine.memory(), machine.mmu().pmp(), machine.configuration().paging());
    var result = walk.run(process.space().tables().root(), va, access, observer);
    return result == Walk.Result.TRANSLATED ? walk.physical(va) : -1;
  }

  private void enter(Process process) {
    if (current != process) {
      if (current != null) {
        current.registers().save(machine.hart());
      }
      current = process;
      process.registers().restore(machine.hart());
    }
    delivered = null;
    reached = null;
    faultsInARow = 0;
    oom.actFor(process);
    machine.hart().enter(process.pid(), process.space().asid(), process.space().tables().root());
  }

  /** The signal that stopped the last read, write, fetch or step, if one did. */
  public @Nullable SignalInfo delivered() {
    return delivered;
  }

  @Override
  public boolean handle(Hart hart) {
    Process process = Objects.requireNonNull(current);
    boolean goesOn = false;
    try {
      goesOn = handle(process, hart);
    } catch (OutOfFrames none) {
      oom.doom();
    }
    if (oom.isActorDoomed()) {
      kill(process, hart.stval());
      return false;
    }
    return goesOn;
  }

  private boolean handle(Process process, Hart hart) {
    return switch ((int) hart.scause()) {
      case Cause.LOAD_PAGE_FAULT -> pageFault(process, hart.stval(), Access.LOAD);
      case Cause.STORE_PAGE_FAULT -> pageFault(process, hart.stval(), Access.STORE);
      case Cause.INSTRUCTION_PAGE_FAULT -> pageFault(process, hart.stval(), Access.FETCH);
      case Cause.ECALL_FROM_U -> systemCall(process, hart);
      case Cause.ILLEGAL_INSTRUCTION -> {
        log.step(StepKind.NOT_AN_INSTRUCTION, hart.stval(), hart.sepc());
        yield send(Signal.SIGILL, Signal.Code.ILL_ILLOPC, hart.sepc());
      }
      case Cause.BREAKPOINT -> send(Signal.SIGTRAP, Signal.Code.TRAP_BRKPT, hart.sepc());
      case Cause.INSTRUCTION_ACCESS_FAULT, Cause.LOAD_ACCESS_FAULT, Cause.STORE_ACCESS_FAULT ->
          send(Signal.SIGSEGV, Signal.Code.SEGV_ACCERR, hart.stval());
      default -> send(Signal.SIGBUS, Signal.Code.BUS_ADRALN, hart.stval());
    };
  }

  /** Ends a process that was found to have too much memory, when it leaves the kernel. */
  public void kill(Process process, long address) {
    send(Signal.SIGKILL, Signal.Code.SI_KERNEL, address);
    machine.hart().leave(process.pid());
    processes.kill(process, Signal.SIGKILL);
    oom.actFor(null);
  }

  private boolean pageFault(Process process, long va, Access access) {
    if (isThrashing()) {
      log.step(StepKind.THRASHES, machine.hart().sepc(), faultsInARow);
      throw new OutOfFrames();
    }
    Signal.Code code = faults.handle(process.space(), va, access);
    if (code == null) {
      return !reaches(RunEnd.Reason.FAULT);
    }
    return send(code == Signal.Code.BUS_ADRERR ? Signal.SIGBUS : Signal.SIGSEGV, code, va);
  }

  /** Whether each fault of an instruction takes a page away that it brought in before. */
  private boolean isThrashing() {
    long retired = machine.hart().instret();
    faultsInARow = retired == retiredAtFault ? faultsInARow + 1 : 0;
    retiredAtFault = retired;
    return faultsInARow > MOST_FAULTS_IN_A_ROW;
  }

  private boolean systemCall(Process process, Hart hart) {
    long number = hart.register(A7);
    if (number == EXIT || number == EXIT_GROUP) {
      exit(process, (int) hart.register(A0) & 0xff);
      return false;
    }
    long[] arguments = new long[6];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = hart.register(A0 + i);
    }
    hart.setRegister(A0, syscalls.byNumber(process, number, arguments));
    hart.setSepc(hart.sepc() + 4);
    return !reaches(RunEnd.Reason.SYSCALL);
  }

  /** Whether a run waits for this; the process has returned to U-mode then. */
  private boolean reaches(RunEnd.Reason reason) {
    if (awaited != reason) {
      return false;
    }
    reached = reason;
    machine.hart().setPc(machine.hart().sepc());
    return true;
  }

  private boolean send(Signal signal, Signal.Code code, long address) {
    log.step(StepKind.SENDS, signal.ordinal(), address);
    delivered = new SignalInfo(signal, code, address);
    return false;
  }

  /**
   * The proof that is always on: as many leaves, pointers and cached pages exist as frames have
   * references from them. It costs a few comparisons; the {@link Audit} recounts frame by frame.
   *
   * @throws IllegalStateException when the books are wrong, naming the last record
   */
  public void checkLedger() {
    checkLedger(Reference.MAPPING, machine.pageTableMemory().leaves());
    checkLedger(Reference.PARENT, machine.pageTableMemory().pointers());
    checkLedger(Reference.CACHE, cache.size());
    if (swap.total(SwapArea.Holder.ENTRY) != machine.pageTableMemory().swapped()) {
      throw new IllegalStateException(
          "after record %d: %d references to swap slots, but %d entries name one"
              .formatted(
                  log.written(),
                  swap.total(SwapArea.Holder.ENTRY),
                  machine.pageTableMemory().swapped()));
    }
  }

  private void checkLedger(Reference reason, long existing) {
    long counted = frames.total(reason);
    if (counted != existing) {
      throw new IllegalStateException(
          "after record %d: %d references by %s, but %d exist"
              .formatted(log.written(), counted, reason, existing));
    }
  }

  /** Gives every row of every live structure to {@code reader}: what the folded log must equal. */
  public void forEachRow(RowReader reader) {
    machine.forEachRow(reader);
    frames.forEachRow(reader);
    cache.forEachRow(reader);
    swap.forEachRow(reader);
    files.forEachRow(reader);
    processes.forEachRow(reader);
  }
}
