package dev.faultline.kernel;

import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.mm.PageFaults;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.OomKiller;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.SignalFrame;
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
  boolean handle(Process process, Hart hart) {
    boolean goesOn = false;
    try {
      goesOn = mend(process, hart);
    } catch (OutOfFrames none) {
      oom.doom();
    }
    if (oom.isActorDoomed() && process.isAlive()) {
      signals.killForGood(process, hart.stval());
      oom.actFor(null);
      return false;
    }
    return goesOn;
  }

  private boolean mend(Process process, Hart hart) {
    return switch ((int) hart.scause()) {
      case Cause.LOAD_PAGE_FAULT -> pageFault(process, hart, Access.LOAD);
      case Cause.STORE_PAGE_FAULT -> pageFault(process, hart, Access.STORE);
      case Cause.INSTRUCTION_PAGE_FAULT -> fetchFault(process, hart);
      case Cause.ECALL_FROM_U -> systemCall(process, hart);
      case Cause.ILLEGAL_INSTRUCTION -> {
        log.step(StepKind.NOT_AN_INSTRUCTION, hart.stval(), hart.sepc());
        yield signals.raise(process, Signal.SIGILL, Signal.Code.ILL_ILLOPC, hart.sepc());
      }
      case Cause.BREAKPOINT ->
          signals.raise(process, Signal.SIGTRAP, Signal.Code.TRAP_BRKPT, hart.sepc());
      case Cause.INSTRUCTION_ACCESS_FAULT, Cause.LOAD_ACCESS_FAULT, Cause.STORE_ACCESS_FAULT ->
          signals.raise(process, Signal.SIGSEGV, Signal.Code.SEGV_ACCERR, hart.stval());
      default -> signals.raise(process, Signal.SIGBUS, Signal.Code.BUS_ADRALN, hart.stval());
    };
  }

  private boolean fetchFault(Process process, Hart hart) {
    if (hart.stval() == SignalFrame.RETURN_ADDRESS && process.hasProgram()) {
      return signals.endHandler(process);
    }
    return pageFault(process, hart, Access.FETCH);
  }

  private boolean pageFault(Process process, Hart hart, Access access) {
    if (isThrashing(hart)) {
      log.step(StepKind.THRASHES, hart.sepc(), faultsInARow);
      throw new OutOfFrames();
    }
    Signal.Code code = faults.handle(process.space(), hart.stval(), access);
    if (code == null) {
      return !scheduler.reaches(RunEnd.Reason.FAULT);
    }
    Signal signal = code == Signal.Code.BUS_ADRERR ? Signal.SIGBUS : Signal.SIGSEGV;
    return signals.raise(process, signal, code, hart.stval());
  }

  /** Whether each fault of an instruction takes a page away that it brought in before. */
  private boolean isThrashing(Hart hart) {
    boolean isSame = hart.instret() == retiredAtFault && hart.sepc() == faultedAt;
    faultsInARow = isSame ? faultsInARow + 1 : 0;
    retiredAtFault = hart.instret();
    faultedAt = hart.sepc();
    return faultsInARow > MOST_FAULTS_IN_A_ROW;
  }

  private boolean systemCall(Process process, Hart hart) {
    long number = hart.register(Registers.A7);
    if (number == SystemCalls.RT_SIGRETURN && process.hasProgram()) {
      return signals.endHandler(process);
    }
    process.registers().save(hart);
    try {
      calls.call(process, number);
    } catch (Blocked blocked) {
      process.sleep(blocked.until(), true);
      return false;
    }
    if (!process.isAlive()) {
      return false;
    }
    process.registers().restoreForReturn(hart);
    hart.enter(process.pid(), process.space().asid(), process.space().tables().root());
    if (!signals.deliver(process, false)) {
      return false;
    }
    if (process.isBlocked()) {
      hart.setPc(hart.sepc());
      return false;
    }
    return !scheduler.reaches(RunEnd.Reason.SYSCALL);
  }
}
