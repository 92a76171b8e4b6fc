package dev.faultline.kernel;

import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.mm.PageFaults;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.SignalFrame;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.syscall.SystemCalls;
import dev.faultline.log.Cause;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.machine.hart.Hart;
import dev.faultline.machine.mmu.Access;

/** What happens between a trap from U-mode and the way back ({@code arch/riscv/kernel/traps.c}). */
final class Traps {
  /** No instruction needs more pages at once: its own two and those of two loads or stores. */
  private static final int MOST_FAULTS_IN_A_ROW = 64;

  private final PageFaults faults;
  private final SystemCalls calls;
  private final Scheduler scheduler;
  private final Signals signals;
  private final OomKiller oom;
  private final ChangeLog log;
  private int faultsInARow;
  private long retiredAtFault;
  private long faultedAt;

  Traps(
      PageFaults faults,
      SystemCalls calls,
      Scheduler scheduler,
      Signals signals,
      OomKiller oom,
      ChangeLog log) {
    this.oom = oom;
    this.faults = faults;
    this.calls = calls;
    this.scheduler = scheduler;
    this.signals = signals;
    this.log = log;
  }

  /** Whether the process goes on at {@code sepc} at once. */
  boolean handle(Task task, Hart hart) {
    boolean goesOn = false;
    try {
      goesOn = mend(task, hart);
    } catch (OutOfFrames none) {
      oom.doom();
    }
    if (oom.isActorDoomed() && task.isAlive()) {
      signals.killForGood(task.process(), hart.stval());
      oom.actFor(null);
      return false;
    }
    return goesOn;
  }

  private boolean mend(Task task, Hart hart) {
    return switch ((int) hart.scause()) {
      case Cause.LOAD_PAGE_FAULT -> pageFault(task, hart, Access.LOAD);
      case Cause.STORE_PAGE_FAULT -> pageFault(task, hart, Access.STORE);
      case Cause.INSTRUCTION_PAGE_FAULT -> fetchFault(task, hart);
      case Cause.ECALL_FROM_U -> systemCall(task, hart);
      case Cause.ILLEGAL_INSTRUCTION -> {
        log.step(StepKind.NOT_AN_INSTRUCTION, hart.stval(), hart.sepc());
        yield signals.raise(task, Signal.SIGILL, Signal.Code.ILL_ILLOPC, hart.sepc());
      }
      case Cause.BREAKPOINT ->
          signals.raise(task, Signal.SIGTRAP, Signal.Code.TRAP_BRKPT, hart.sepc());
      case Cause.INSTRUCTION_ACCESS_FAULT, Cause.LOAD_ACCESS_FAULT, Cause.STORE_ACCESS_FAULT ->
          signals.raise(task, Signal.SIGSEGV, Signal.Code.SEGV_ACCERR, hart.stval());
      default -> signals.raise(task, Signal.SIGBUS, Signal.Code.BUS_ADRALN, hart.stval());
    };
  }

  private boolean fetchFault(Task task, Hart hart) {
    if (hart.stval() == SignalFrame.RETURN_ADDRESS && task.process().hasProgram()) {
      return signals.endHandler(task);
    }
    return pageFault(task, hart, Access.FETCH);
  }

  private boolean pageFault(Task task, Hart hart, Access access) {
    if (isThrashing(hart)) {
      log.step(StepKind.THRASHES, hart.sepc(), faultsInARow);
      throw new OutOfFrames();
    }
    long reads = faults.diskReads();
    Signal.Code code = faults.handle(task.space(), hart.stval(), access);
    if (code == null) {
      task.process().usage().countFault(faults.diskReads() != reads);
      return !scheduler.reaches(RunEnd.Reason.FAULT);
    }
    faultsInARow = 0;
    Signal signal = code == Signal.Code.BUS_ADRERR ? Signal.SIGBUS : Signal.SIGSEGV;
    return signals.raise(task, signal, code, hart.stval());
  }

  /**
   * Whether each fault of an instruction takes a page away that it brought in before. A hart keeps
   * its turn until the instruction has retired, so that no other hart's fault comes between.
   */
  private boolean isThrashing(Hart hart) {
    boolean isSame = hart.instret() == retiredAtFault && hart.sepc() == faultedAt;
    faultsInARow = isSame ? faultsInARow + 1 : 0;
    retiredAtFault = hart.instret();
    faultedAt = hart.sepc();
    return faultsInARow > MOST_FAULTS_IN_A_ROW;
  }

  private boolean systemCall(Task task, Hart hart) {
    long number = hart.register(Registers.A7);
    if (number == SystemCalls.RT_SIGRETURN && task.process().hasProgram()) {
      return signals.endHandler(task);
    }
    task.registers().save(hart);
    try {
      calls.call(task, number);
    } catch (Blocked blocked) {
      task.sleep(blocked.until());
      return false;
    }
    if (!task.isAlive()) {
      return false;
    }
    task.registers().restoreForReturn(hart);
    scheduler.enterSpace(task);
    if (!signals.deliver(task, false) || scheduler.isBlocked(task) || task.takeYield()) {
      hart.setPc(hart.sepc());
      return false;
    }
    return !scheduler.reaches(RunEnd.Reason.SYSCALL);
  }
}
