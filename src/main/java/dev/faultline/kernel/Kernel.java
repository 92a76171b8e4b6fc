package dev.faultline.kernel;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.RandomBytes;
import dev.faultline.kernel.ipc.Semaphores;
import dev.faultline.kernel.ipc.SharedMemory;
import dev.faultline.kernel.mm.AddressSpaces;
import dev.faultline.kernel.mm.Attachments;
import dev.faultline.kernel.mm.Brk;
import dev.faultline.kernel.mm.Collapse;
import dev.faultline.kernel.mm.Commitment;
import dev.faultline.kernel.mm.Cooling;
import dev.faultline.kernel.mm.Fadvise;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.FileMappings;
import dev.faultline.kernel.mm.Fork;
import dev.faultline.kernel.mm.FrameMappings;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.Guards;
import dev.faultline.kernel.mm.Madvise;
import dev.faultline.kernel.mm.MemoryCalls;
import dev.faultline.kernel.mm.Mincore;
import dev.faultline.kernel.mm.Mlock;
import dev.faultline.kernel.mm.Mmap;
import dev.faultline.kernel.mm.Mprotect;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.kernel.mm.Mseal;
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
import dev.faultline.kernel.mm.RemapFilePages;
import dev.faultline.kernel.mm.ReverseMap;
import dev.faultline.kernel.mm.Seals;
import dev.faultline.kernel.mm.SwapArea;
import dev.faultline.kernel.mm.TlbFlush;
import dev.faultline.kernel.mm.Truncate;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.mm.UserMemory;
import dev.faultline.kernel.mm.Zap;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Futexes;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.ProgramLoader;
import dev.faultline.kernel.process.Quota;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.procfs.IpcTexts;
import dev.faultline.kernel.procfs.MemoryTexts;
import dev.faultline.kernel.procfs.ProcFileSystem;
import dev.faultline.kernel.procfs.SystemTexts;
import dev.faultline.kernel.syscall.CallContext;
import dev.faultline.kernel.syscall.CallGroup;
import dev.faultline.kernel.syscall.CallGroups;
import dev.faultline.kernel.syscall.Syscalls;
import dev.faultline.kernel.syscall.SystemCalls;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.RowReader;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Strings;
import dev.faultline.machine.Harts;
import dev.faultline.machine.Machine;
import dev.faultline.machine.hart.Environment;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Walk;
import dev.faultline.machine.mmu.WalkObserver;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The kernel on its machine: what is behind every trap from U-mode, and what commands ask for. */
public final class Kernel implements Environment {
  private final ChangeLog log;
  private final Quota quota;
  private final Machine machine;
  private final FrameTable frames;
  private final ReverseMap reverse;
  private final SwapArea swap;
  private final Commitment promised;
  private final PageCache cache;
  private final PageFaults faults;
  private final FileSystem files;
  private final Processes processes;
  private final Syscalls syscalls;
  private final SystemCalls systemCalls;

  private final UserAccess user;
  private final Signals signals;
  private final Scheduler scheduler;
  private final Traps traps;
  private final OomKiller oom;

  /**
   * Starts the kernel on a new machine.
   *
   * @throws OutOfFrames when the machine has no frame for the zero page
   */
  public Kernel(KernelConfiguration configuration, Quota quota, ChangeLog log) {
    this.log = log;
    this.quota = quota;
    log.elideBeyond(quota.strings(), quota.stringCharacters());
    machine = new Machine(configuration.machine(), this, log);
    frames =
        new FrameTable(
            machine.memory(), configuration.reclaim(), configuration.machine().seed(), log);
    reverse = new ReverseMap(machine.memory());
    swap = new SwapArea(configuration.swapSlots(), machine.memory(), log);
    var flush = new TlbFlush(machine.harts(), log);
    var frameMappings = new FrameMappings(reverse, frames, flush, log);
    promised = new Commitment(configuration.overcommit(), frames, configuration.swapSlots(), log);
    cache = new PageCache(machine.memory(), frames, frameMappings, swap, promised, log);
    var reclaim = new Reclaim(frames, cache, frameMappings, swap, log);
    var readahead = new Readahead(cache, configuration.prefetch().readahead(), log);
    faults =
        new PageFaults(
            frames,
            cache,
            swap,
            readahead,
            machine.memory(),
            flush,
            configuration.machine().adBits(),
            configuration.prefetch().faultAround(),
            configuration.thp(),
            log);
    var random = new RandomBytes(configuration.machine().seed());
    Harts harts = machine.harts();
    var clock = new Clock(harts::instret);
    files = new FileSystem(random, clock::realTime, log);
    files.inodes().whenForgotten(cache::forget);
    var zap = new Zap(frames, swap, flush, log);
    var mappings = new FileMappings();
    var seals = new Seals(mappings, log);
    var mseal = new Mseal(log);
    var munmap = new Munmap(files, zap, mseal, log);
    var populate = new Populate(faults, log);
    var mmap =
        new Mmap(
            files,
            munmap,
            faults,
            populate,
            frames,
            configuration.privateFile(),
            seals,
            promised,
            log);
    var spaces =
        new AddressSpaces(machine, flush, frames, munmap, mappings, reverse, promised, log);
    var userMemory = new UserMemory(faults, machine.memory(), flush, log);
    user = new UserAccess(userMemory, machine.memory(), log);
    var mprotect = new Mprotect(frames, populate, mseal, flush, log);
    var msync = new Msync(cache, log);
    var truncate = new Truncate(cache, mappings, zap, log);
    var cooling = new Cooling(frames, frameMappings, reclaim, zap, flush, log);
    var access = new FileAccess(cache, readahead, truncate, seals);
    var fallocate = new Fallocate(cache, mappings, zap, truncate, seals, log);
    var calls =
        new MemoryCalls(
            mmap,
            munmap,
            mprotect,
            new Mremap(munmap, populate, mseal, frames, flush, log),
            msync,
            new Madvise(
                cache,
                fallocate,
                faults,
                zap,
                populate,
                cooling,
                new Guards(frames, zap, log),
                new Collapse(frames, swap, zap, configuration.machine().adBits(), log),
                mseal,
                log),
            new Mlock(populate, log),
            new Mincore(cache, log),
            new Brk(munmap, populate, log),
            new ProcessVm(userMemory, log),
            fallocate,
            new Fadvise(cache, log),
            seals,
            mseal,
            new RemapFilePages(files, mmap, log));
    var semaphores = new Semaphores(clock, log);
    var sharedMemory =
        new SharedMemory(
            files, mmap, new Attachments(mappings, munmap, cache), promised, clock, log);
    var futexes = new Futexes(user, log);
    processes =
        new Processes(
            spaces,
            new Fork(spaces, frames, swap, flush, log),
            files,
            new ProgramLoader(files, access, mmap, munmap, spaces, user, random, log),
            quota,
            harts::leave,
            futexes::exit,
            log);
    syscalls = new Syscalls(files, calls, truncate, access, processes, userMemory, user, log);
    oom = new OomKiller(processes, frames, harts, log);
    var memoryTexts =
        new MemoryTexts(
            frames,
            cache,
            swap,
            userMemory,
            configuration.thp(),
            configuration.overcommit(),
            promised);
    var systemTexts = new SystemTexts(processes, clock, configuration.machine(), harts);
    new ProcFileSystem(
            files,
            processes,
            memoryTexts,
            systemTexts,
            new IpcTexts(sharedMemory, semaphores),
            oom::actor)
        .mount();
    signals = new Signals(harts, processes, user, log);
    scheduler = new Scheduler(harts, processes, clock, signals, oom, log);
    var context =
        new CallContext(
            syscalls,
            files,
            processes,
            user,
            frames,
            futexes,
            clock,
            random,
            quota,
            harts.count(),
            log);
    List<CallGroup> groups = CallGroups.all(context, sharedMemory, semaphores);
    systemCalls = new SystemCalls(groups, user, files.permissions(), log);
    traps = new Traps(faults, systemCalls, scheduler, signals, oom, log);
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

  public Commitment promised() {
    return promised;
  }

  public Processes processes() {
    return processes;
  }

  public Syscalls syscalls() {
    return syscalls;
  }

  /** The system calls by number. */
  public SystemCalls systemCalls() {
    return systemCalls;
  }

  /** A command begins, in a process or, with null, in the laboratory as a whole. */
  public void actFor(@Nullable Process process) {
    if (process != null && process.isAlive()) {
      scheduler.turnTo(process.leader());
    }
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

  /** The process ends of its own will. */
  public void exit(Process process, int status) {
    processes.exit(process, status);
  }

  /** {@code fork(2)}. */
  public Process fork(Process process) {
    registers(process);
    return processes.fork(process);
  }

  /** {@code execve(2)}, asked for from outside. */
  public void exec(Process process, String path, List<byte[]> arguments, List<byte[]> environment) {
    processes.exec(process.tasks().getFirst(), path, arguments, environment);
    scheduler.leave(process);
  }

  /** {@code kill(2)}, asked for from outside; a process without a program has no handlers. */
  public void kill(Process process, Signal signal) {
    if (process.hasProgram() && signal != Signal.SIGKILL) {
      processes.signals().send(process, Siginfo.from(signal.number(), Siginfo.SI_USER, 0));
    } else {
      log.step(StepKind.SENDS, signal.ordinal(), 0);
      processes.kill(process, signal);
    }
  }

  /**
   * {@code sched_setaffinity(2)} of a process's first thread, asked for from outside: it goes on on
   * that hart alone.
   */
  public void affinity(Process process, int hart) {
    if (hart < 0 || hart >= machine.harts().count()) {
      throw new Refusal(log).of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sched_setaffinity", hart);
    }
    process.leader().setAffinity(1L << hart);
    enter(process);
  }

  /** The registers of a process's first thread, wherever they are. */
  public Registers registers(Process process) {
    return scheduler.registers(process.leader());
  }

  /** The process goes on at another address. */
  public void continueAt(Process process, long address) {
    enter(process);
    machine.hart().setPc(address);
  }

  /** The process executes instructions one by one, each of them told. */
  public RunEnd step(Process process, int count) {
    signals.forget();
    return withinQuota(() -> scheduler.step(process, count));
  }

  /**
   * A process and its descendants run as fast as the hart goes, or all that have a program.
   *
   * @param root null for all
   * @param instructions how many may retire
   * @param until what to stop at besides the process's end and its signals; EXIT for nothing else
   * @param outOfTime asked now and then, always after the same numbers of instructions
   */
  public RunEnd run(
      @Nullable Process root,
      long instructions,
      RunEnd.Reason until,
      @Nullable Long breakpoint,
      BooleanSupplier outOfTime) {
    signals.forget();
    return withinQuota(() -> scheduler.run(root, instructions, until, breakpoint, outOfTime));
  }

  /** What programs tell leaves room for the names that commands tell. */
  private RunEnd withinQuota(Supplier<RunEnd> programs) {
    log.elideBeyond(quota.stringsOfPrograms(), quota.charactersOfPrograms());
    try {
      return programs.get();
    } finally {
      log.elideBeyond(quota.strings(), quota.stringCharacters());
    }
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
    signals.forget();
    scheduler.enter(process.tasks().getFirst());
  }

  /** The signal that stopped the last read, write, fetch, step or run, if one did. */
  public @Nullable SignalInfo delivered() {
    return signals.delivered();
  }

  @Override
  public boolean handle(Hart hart) {
    return traps.handle(Objects.requireNonNull(scheduler.current()), hart);
  }

  /** Ends a process that was found to have too much memory, when it leaves the kernel. */
  public void kill(Process process, long address) {
    signals.killForGood(process, address);
    oom.actFor(null);
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
    files.inodes().forEachRow(reader);
    processes.forEachRow(reader);
  }
}
