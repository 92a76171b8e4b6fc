package dev.faultline.kernel;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.mm.OutOfFrames;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.RseqArea;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.kernel.process.SignalFrame;
import dev.faultline.kernel.process.SignalState;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Harts;
import dev.faultline.machine.hart.Hart;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Delivers signals ({@code kernel/signal.c}, {@code get_signal}): to a handler on the thread's
 * stack, or by stopping or ending its process. A process without a program survives the signals
 * that memory raises; its commands report them.
 */
final class Signals {
  private static final long SA_RESTART = 0x1000_0000;
  private static final long SA_NODEFER = 0x4000_0000;
  private static final long SA_RESETHAND = 0x8000_0000L;
  private static final long SA_ONSTACK = 0x0800_0000;
  private static final int SS_AUTODISARM = 0x8000_0000;

  private final Harts harts;
  private final Processes processes;
  private final UserAccess user;
  private final SignalFrame frames;
  private final RestartableSequences sequences;
  private final ChangeLog log;
  private @Nullable SignalInfo delivered;
  private @Nullable Process receiver;

  Signals(Harts harts, Processes processes, UserAccess user, ChangeLog log) {
    this.harts = harts;
    this.processes = processes;
    this.user = user;
    this.frames = new SignalFrame(user);
    this.sequences = new RestartableSequences(user, log);
    this.log = log;
  }

  private Hart hart() {
    return harts.current();
  }

  /** Forgets what was delivered before. */
  void forget() {
    delivered = null;
    receiver = null;
  }

  /** The last signal that ended a process or was reported by it. */
  @Nullable SignalInfo delivered() {
    return delivered;
  }

  /** Whether the last signal is one that a process without a program lives on with. */
  boolean survived(Process process) {
    return receiver == process;
  }

  /** A signal that an instruction raised; false when the thread does not go on at {@code sepc}. */
  boolean raise(Task task, Signal signal, Signal.Code code, long address) {
    log.step(StepKind.SENDS, signal.ordinal(), address);
    Process process = task.process();
    if (!process.hasProgram()) {
      report(process, signal, code, address);
      return false;
    }
    SignalActions.Action action = process.actions().action(signal.number());
    if (!task.signals().blocks(signal.number()) && action.isHandled()) {
      return handle(task, new Siginfo(signal.number(), code.number(), address, 0), action);
    }
    report(process, signal, code, address);
    processes.kill(process, signal);
    return false;
  }

  private void report(Process process, Signal signal, Signal.Code code, long address) {
    delivered = new SignalInfo(signal, code, address);
    receiver = process;
  }

  /** Nothing can be done for it any more. */
  void killForGood(Process process, long address) {
    log.step(StepKind.SENDS, Signal.SIGKILL.ordinal(), address);
    report(process, Signal.SIGKILL, Signal.Code.SI_KERNEL, address);
    processes.kill(process, Signal.SIGKILL);
  }

  /** A thread goes on after others had the hart; false when it cannot. */
  boolean resume(Task task) {
    try {
      if (harts.count() > 1) {
        RseqArea.tellHart(user, task);
      }
      hart().setPc(sequences.goesOnAt(task, hart().pc()));
      return true;
    } catch (LinuxError senseless) {
      fault(task.process());
    } catch (OutOfFrames none) {
      killForGood(task.process(), hart().pc());
    }
    return false;
  }

  /** {@code force_sigsegv}. */
  private void fault(Process process) {
    report(process, Signal.SIGSEGV, Signal.Code.SI_KERNEL, 0);
    processes.kill(process, Signal.SIGSEGV);
  }

  /**
   * A thread that was not running goes on: signals that came meanwhile are delivered.
   *
   * @return false when it cannot go on
   */
  boolean interrupt(Task task) {
    if (task.deliverable() == 0) {
      return true;
    }
    hart().setSepc(hart().pc());
    boolean goesOn = deliver(task, task.takeInterrupted());
    hart().setPc(hart().sepc());
    return goesOn;
  }

  /**
   * Delivers what waits, on the way back to U-mode.
   *
   * @param inCall whether the thread stands at an {@code ecall} that had to wait
   * @return false when the thread does not go on
   */
  boolean deliver(Task task, boolean inCall) {
    Process process = task.process();
    boolean atCall = inCall;
    while (process.isAlive() && !process.isStopped()) {
      Siginfo info = task.takeSignal();
      if (info == null) {
        break;
      }
      SignalActions.Action action = process.actions().action(info.number());
      if (action.isHandled()) {
        if (atCall) {
          leaveCall(task, action);
        }
        atCall = false;
        if (!handle(task, info, action)) {
          return false;
        }
      } else if (!process.actions().ignores(info.number())) {
        act(process, info);
      }
    }
    return process.isAlive() && !process.isStopped();
  }

  /** The call that had to wait tells what it did, fails, or is made again after the handler. */
  private void leaveCall(Task task, SignalActions.Action action) {
    OptionalLong partial = task.partialResult();
    if (partial.isPresent() || !task.restarts() || !action.has(SA_RESTART)) {
      task.failCall();
      hart().setRegister(Registers.A0, partial.orElse(-Errno.EINTR.number()));
      hart().setSepc(hart().sepc() + 4);
    }
    task.forgetCall();
  }

  /** What a signal does that nobody handles. */
  private void act(Process process, Siginfo info) {
    Signal signal = Signal.at(info.number());
    log.step(StepKind.SENDS, signal.ordinal(), hart().sepc());
    if (SignalActions.stops(info.number())) {
      processes.signals().stop(process, info.number());
    } else {
      report(process, signal, Signal.Code.SI_USER, 0);
      processes.kill(process, signal);
    }
  }

  /** Makes the thread call its handler. */
  private boolean handle(Task task, Siginfo info, SignalActions.Action action) {
    SignalState state = task.signals();
    int number = info.number();
    log.step(StepKind.CALLS_HANDLER, number, action.handler());
    Registers registers = task.registers();
    registers.save(hart());
    long top = registers.integer(Registers.SP);
    if (action.has(SA_ONSTACK) && state.alternateSize() > 0 && !state.isOnAlternate(top)) {
      top = state.alternateStack() + state.alternateSize();
    }
    try {
      registers.setPc(sequences.goesOnAt(task, hart().sepc()));
      frames.push(task, top, info, action.handler());
    } catch (LinuxError noStack) {
      fault(task.process());
      return false;
    }
    if ((state.alternateFlags() & SS_AUTODISARM) != 0) {
      state.dropAlternate();
    }
    long own = action.has(SA_NODEFER) ? 0 : SignalActions.bit(number);
    state.setBlocked(state.blocked() | action.mask() | own);
    if (action.has(SA_RESETHAND)) {
      task.process().actions().reset(number);
    }
    registers.restoreForReturn(hart());
    return true;
  }

  /** {@code rt_sigreturn(2)}: everything is again as it was when the handler was called. */
  boolean endHandler(Task task) {
    task.registers().save(hart());
    try {
      frames.pop(task);
    } catch (LinuxError noStack) {
      fault(task.process());
      return false;
    }
    task.registers().restoreForReturn(hart());
    return deliver(task, false);
  }
}
