package dev.faultline.kernel;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.SignalFrame;
import dev.faultline.kernel.process.SignalState;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.machine.hart.Hart;
import org.jspecify.annotations.Nullable;

/**
 * Sends signals and delivers them ({@code kernel/signal.c}): to a handler on the process's stack,
 * or by ending it. A process without a program survives the signals that memory raises; its
 * commands report them.
 */
final class Signals {
  private static final int SA_RESTART = 0x1000_0000;
  private static final int SA_NODEFER = 0x4000_0000;
  private static final int SA_RESETHAND = 0x8000_0000;
  private static final int SA_ONSTACK = 0x0800_0000;

  private final Hart hart;
  private final Processes processes;
  private final SignalFrame frames;
  private final ChangeLog log;
  private @Nullable SignalInfo delivered;
  private @Nullable Process receiver;

  Signals(Hart hart, Processes processes, UserAccess user, ChangeLog log) {
    this.hart = hart;
    this.processes = processes;
    this.frames = new SignalFrame(user);
    this.log = log;
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

  /** A signal that an instruction raised; false when the process does not go on at {@code sepc}. */
  boolean raise(Process process, Signal signal, Signal.Code code, long address) {
    log.step(StepKind.SENDS, signal.ordinal(), address);
    if (!process.hasProgram()) {
      report(process, signal, code, address);
      return false;
    }
    SignalState state = process.signals();
    SignalState.Action action = state.action(signal.number());
    boolean isBlocked = (state.blocked() & SignalState.bit(signal.number())) != 0;
    boolean isHandled =
        action.handler() != SignalState.DEFAULT && action.handler() != SignalState.IGNORE;
    if (!isBlocked && isHandled) {
      return handle(process, signal.number(), code.number(), address, action);
    }
    report(process, signal, code, address);
    kill(process, signal);
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
    kill(process, Signal.SIGKILL);
  }

  private void kill(Process process, Signal signal) {
    processes.kill(process, signal);
  }

  /** Somebody sends a signal. */
  void send(Process process, int number) {
    process.signals().raise(number);
  }

  /**
   * A process that was not running goes on: signals that came meanwhile are delivered.
   *
   * @return false when it cannot go on
   */
  boolean interrupt(Process process) {
    if (!process.signals().wakes()) {
      return true;
    }
    hart.setSepc(hart.pc());
    boolean goesOn = deliver(process, process.takeInterrupted());
    hart.setPc(hart.sepc());
    return goesOn;
  }

  /**
   * Delivers what waits, on the way back to U-mode.
   *
   * @param inCall whether the process stands at an {@code ecall} that had to wait
   * @return false when the process does not go on
   */
  boolean deliver(Process process, boolean inCall) {
    boolean atCall = inCall;
    while (process.isAlive() && process.signals().wakes()) {
      int number = process.signals().take();
      SignalState.Action action = process.signals().action(number);
      if (action.handler() == SignalState.IGNORE) {
        continue;
      }
      if (action.handler() == SignalState.DEFAULT) {
        Signal signal = number < SignalState.COUNT / 2 ? Signal.at(number) : Signal.SIGKILL;
        log.step(StepKind.SENDS, signal.ordinal(), hart.sepc());
        report(process, signal, Signal.Code.SI_USER, 0);
        kill(process, signal);
        return false;
      }
      if (atCall && (action.flags() & SA_RESTART) == 0) {
        hart.setRegister(Registers.A0, -Errno.EINTR.number());
        hart.setSepc(hart.sepc() + 4);
      }
      atCall = false;
      if (!handle(process, number, Signal.Code.SI_USER.number(), 0, action)) {
        return false;
      }
    }
    return process.isAlive();
  }

  /** Makes the process call its handler. */
  private boolean handle(
      Process process, int number, int code, long address, SignalState.Action action) {
    SignalState state = process.signals();
    log.step(StepKind.CALLS_HANDLER, number, action.handler());
    Registers registers = process.registers();
    registers.save(hart);
    registers.setPc(hart.sepc());
    long top = registers.integer(Registers.SP);
    boolean switches =
        (action.flags() & SA_ONSTACK) != 0
            && state.alternateFlags() == 0
            && Long.compareUnsigned(top - state.alternateStack(), state.alternateSize()) > 0;
    if (switches) {
      top = state.alternateStack() + state.alternateSize();
    }
    try {
      frames.push(process, top, number, code, address, action.handler());
    } catch (LinuxError noStack) {
      report(process, Signal.SIGSEGV, Signal.Code.SI_KERNEL, 0);
      kill(process, Signal.SIGSEGV);
      return false;
    }
    long own = (action.flags() & SA_NODEFER) == 0 ? SignalState.bit(number) : 0;
    state.setBlocked(state.blocked() | action.mask() | own);
    if ((action.flags() & SA_RESETHAND & 0xffff_ffffL) != 0) {
      state.setAction(number, new SignalState.Action(SignalState.DEFAULT, 0, 0));
    }
    registers.restoreForReturn(hart);
    return true;
  }

  /** {@code rt_sigreturn(2)}: everything is again as it was when the handler was called. */
  boolean endHandler(Process process) {
    process.registers().save(hart);
    try {
      frames.pop(process);
    } catch (LinuxError noStack) {
      report(process, Signal.SIGSEGV, Signal.Code.SI_KERNEL, 0);
      kill(process, Signal.SIGSEGV);
      return false;
    }
    process.registers().restoreForReturn(hart);
    return deliver(process, false);
  }
}
