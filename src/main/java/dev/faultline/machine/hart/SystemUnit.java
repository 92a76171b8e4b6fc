package dev.faultline.machine.hart;

import dev.faultline.log.Cause;
import dev.faultline.machine.isa.Decoded;
import dev.faultline.machine.isa.Op;
import dev.faultline.machine.mmu.Privilege;
import dev.faultline.machine.mmu.Tlb;
import dev.faultline.machine.mmu.Trap;

/** Instructions that change what the hart may do next: SYSTEM, and those on CSRs. */
final class SystemUnit {
  private final Hart hart;
  private final ControlRegisters registers;
  private final Traps traps;
  private final Tlb tlb;
  private final Trap trap;
  private final long[] x;

  SystemUnit(Hart hart, ControlRegisters registers, Traps traps, Tlb tlb, Trap trap, long[] x) {
    this.hart = hart;
    this.registers = registers;
    this.traps = traps;
    this.tlb = tlb;
    this.trap = trap;
    this.x = x;
  }

  /**
   * Executes an instruction.
   *
   * @return where to go on, which is {@code next} for most
   * @throws Trap with no value for an illegal instruction: the caller knows its bits
   */
  long execute(long word, long pc, long next) {
    int privilege = registers.privilege();
    switch (Decoded.op(word)) {
      case Op.ECALL -> throw trap.with(Cause.ECALL_FROM_U + privilege, 0);
      case Op.EBREAK -> throw trap.with(Cause.BREAKPOINT, pc);
      case Op.MRET -> {
        require(privilege == Privilege.M);
        return traps.returnFromMachine();
      }
      case Op.SRET -> {
        require(privilege == Privilege.M || isSupervisorWithout(Status.TSR));
        return traps.returnFromSupervisor();
      }
      case Op.WFI -> {
        require(privilege == Privilege.M || isSupervisorWithout(Status.TW));
        traps.waitForInterrupt();
      }
      case Op.SFENCE_VMA -> {
        require(privilege == Privilege.M || isSupervisorWithout(Status.TVM));
        fence(Decoded.rs1(word), Decoded.rs2(word));
      }
      // Decoded instructions never differ from memory.
      case Op.FENCE_I -> {}
      case Op.ILLEGAL -> throw trap.with(Cause.ILLEGAL_INSTRUCTION, 0);
      default -> access(word);
    }
    return next;
  }

  private void require(boolean legal) {
    if (!legal) {
      throw trap.with(Cause.ILLEGAL_INSTRUCTION, 0);
    }
  }

  private boolean isSupervisorWithout(long statusBit) {
    return registers.privilege() == Privilege.S && !registers.has(statusBit);
  }

  private void fence(int rs1, int rs2) {
    int asid = (int) x[rs2] & 0xffff;
    if (rs1 == 0) {
      if (rs2 == 0) {
        tlb.fence();
      } else {
        tlb.fence(asid);
      }
    } else if (rs2 == 0) {
      tlb.fencePage(x[rs1]);
    } else {
      tlb.fence(x[rs1], asid);
    }
  }

  private void access(long word) {
    int op = Decoded.op(word);
    int csr = Decoded.immediate(word);
    int rs1 = Decoded.rs1(word);
    boolean isImmediate = op >= Op.CSRRWI;
    long operand = isImmediate ? rs1 : x[rs1];
    boolean isWrite = op == Op.CSRRW || op == Op.CSRRWI;
    boolean writes = isWrite || rs1 != 0;
    require(registers.mayAccess(csr, writes));
    long old = registers.read(csr, hart.retired());
    if (writes) {
      long value =
          switch (op) {
            case Op.CSRRW, Op.CSRRWI -> operand;
            case Op.CSRRS, Op.CSRRSI -> old | operand;
            default -> old & ~operand;
          };
      registers.write(csr, value, hart.retired());
    }
    x[Decoded.rd(word)] = old;
  }
}
