package dev.faultline.machine.hart;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Privilege;
import dev.faultline.machine.mmu.Tlb;
import dev.faultline.machine.mmu.Trap;
import org.jspecify.annotations.Nullable;

/**
 * Where a trap leads, and how it is told. In a bare-metal machine it enters the handler of M- or
 * S-mode. With a kernel outside, what hardware writes for S-mode is written, the kernel does its
 * work, and the hart is in U-mode again.
 *
 * <p>Rows of the TLB that changed silently before a trap are told before it, so that its handler is
 * seen with the TLB that it meets.
 */
final class Traps {
  private final Hart hart;
  private final ControlRegisters registers;
  private final Tlb tlb;
  private final @Nullable Environment kernel;
  private final ChangeLog log;

  Traps(
      Hart hart, ControlRegisters registers, Tlb tlb, @Nullable Environment kernel, ChangeLog log) {
    this.hart = hart;
    this.registers = registers;
    this.tlb = tlb;
    this.kernel = kernel;
    this.log = log;
  }

  /** Takes the trap of the instruction at {@code pc}; false when the process cannot go on. */
  boolean take(Trap trap) {
    tlb.settle();
    if (kernel == null) {
      enterHandler(trap);
      return true;
    }
    return isMended(trap, kernel);
  }

  private void enterHandler(Trap trap) {
    int from = registers.privilege();
    long epc = hart.pc();
    hart.setPc(registers.takeTrap(trap.cause(), false, trap.value(), epc));
    StepKind step =
        registers.privilege() == Privilege.S ? StepKind.TRAPS_TO_S : StepKind.TRAPS_TO_M;
    log.step(step, from, trap.cause(), trap.value(), epc, hart.pc());
    hart.settleTrap();
  }

  private boolean isMended(Trap trap, Environment kernel) {
    boolean wasDeferred = tlb.isDeferred();
    tlb.setDeferred(false);
    long faulted = hart.pc();
    log.step(StepKind.TRAPS, trap.cause(), trap.value(), faulted);
    registers.setPrivilege(Privilege.S);
    registers.setSupervisorTrap(trap.cause(), trap.value(), faulted);
    hart.settleTrap();
    boolean goesOn = kernel.handle(hart);
    if (goesOn) {
      long next = registers.sepc();
      hart.setPc(next);
      log.step(next == faulted ? StepKind.RETRIES : StepKind.RESUMES, next);
    }
    registers.setPrivilege(Privilege.U);
    hart.settleTrap();
    tlb.setDeferred(wasDeferred);
    return goesOn;
  }

  /** Takes the interrupt that is due, if one is. */
  void takeInterrupt() {
    int interrupt = registers.interruptToTake(hart.retired());
    if (interrupt == Interrupts.NONE) {
      return;
    }
    tlb.settle();
    int from = registers.privilege();
    long epc = hart.pc();
    hart.setPc(registers.takeTrap(interrupt, true, 0, epc));
    boolean toSupervisor = registers.privilege() == Privilege.S;
    StepKind step = toSupervisor ? StepKind.INTERRUPTS_TO_S : StepKind.INTERRUPTS_TO_M;
    log.step(step, from, interrupt, epc, hart.pc());
    hart.settleTrap();
  }

  /** MRET; gives where to go on. */
  long returnFromMachine() {
    tlb.settle();
    long next = registers.returnFromMachine();
    log.step(StepKind.RETURNS_FROM_M, registers.privilege(), next);
    hart.settleTrap();
    return next;
  }

  /** SRET; gives where to go on. */
  long returnFromSupervisor() {
    tlb.settle();
    int from = registers.privilege();
    long next = registers.returnFromSupervisor();
    log.step(StepKind.RETURNS_FROM_S, from, registers.privilege(), next);
    hart.settleTrap();
    return next;
  }

  /**
   * WFI. Where only the timer's interrupt can end the waiting, time goes on to it at once; else
   * nothing is waited for, which the manual allows at any time.
   */
  void waitForInterrupt() {
    if (registers.interrupts.skipToTimer(hart.retired())) {
      log.step(StepKind.WAITS, registers.interrupts.timeCompare());
    }
  }
}
