package dev.faultline.machine.hart;

import dev.faultline.log.Cause;

/**
 * Executes RV64I instructions (Unprivileged Architecture, "RV32I" and "RV64I Base Integer
 * Instruction Set"), decoded each time they run. Fields are named as in the manual.
 */
final class Rv64i {
  private static final int LOAD = 0x03;
  private static final int MISC_MEM = 0x0f;
  private static final int OP_IMM = 0x13;
  private static final int AUIPC = 0x17;
  private static final int OP_IMM_32 = 0x1b;
  private static final int STORE = 0x23;
  private static final int OP = 0x33;
  private static final int LUI = 0x37;
  private static final int OP_32 = 0x3b;
  private static final int BRANCH = 0x63;
  private static final int JALR = 0x67;
  private static final int JAL = 0x6f;
  private static final int SYSTEM = 0x73;

  private static final int ECALL = 0x0000_0073;
  private static final int EBREAK = 0x0010_0073;

  private Rv64i() {}

  /**
   * Executes one instruction and moves {@code pc} on; a trap leaves both registers and {@code pc}
   * as they were.
   */
  static void execute(Hart hart, int insn) {
    int rd = insn >>> 7 & 31;
    int funct3 = insn >>> 12 & 7;
    long rs1 = hart.register(insn >>> 15 & 31);
    long rs2 = hart.register(insn >>> 20 & 31);
    long pc = hart.pc();
    long next = pc + 4;
    switch (insn & 0x7f) {
      case LUI -> hart.setRegister(rd, insn & 0xffff_f000);
      case AUIPC -> hart.setRegister(rd, pc + (insn & 0xffff_f000));
      case JAL -> {
        long target = aligned(hart, pc + immJ(insn));
        hart.setRegister(rd, next);
        next = target;
      }
      case JALR -> {
        require(hart, insn, funct3 == 0);
        long target = aligned(hart, rs1 + immI(insn) & ~1);
        hart.setRegister(rd, next);
        next = target;
      }
      case BRANCH -> {
        if (isTaken(hart, insn, funct3, rs1, rs2)) {
          next = aligned(hart, pc + immB(insn));
        }
      }
      case LOAD -> hart.setRegister(rd, load(hart, insn, funct3, rs1 + immI(insn)));
      case STORE -> {
        require(hart, insn, funct3 <= 3);
        hart.store(rs1 + immS(insn), 1 << funct3, rs2);
      }
      case OP_IMM -> hart.setRegister(rd, immediate(hart, insn, funct3, rs1));
      case OP_IMM_32 -> hart.setRegister(rd, immediateWord(hart, insn, funct3, (int) rs1));
      case OP -> hart.setRegister(rd, register(hart, insn, funct3, rs1, rs2));
      case OP_32 -> hart.setRegister(rd, registerWord(hart, insn, funct3, (int) rs1, (int) rs2));
      case MISC_MEM -> require(hart, insn, funct3 <= 1);
      case SYSTEM -> {
        if (insn == ECALL) {
          throw hart.trap(Cause.ECALL_FROM_U, 0);
        }
        if (insn == EBREAK) {
          throw hart.trap(Cause.BREAKPOINT, pc);
        }
        throw illegal(hart, insn);
      }
      default -> throw illegal(hart, insn);
    }
    hart.setPc(next);
  }

  private static boolean isTaken(Hart hart, int insn, int funct3, long a, long b) {
    return switch (funct3) {
      case 0 -> a == b;
      case 1 -> a != b;
      case 4 -> a < b;
      case 5 -> a >= b;
      case 6 -> Long.compareUnsigned(a, b) < 0;
      case 7 -> Long.compareUnsigned(a, b) >= 0;
      default -> throw illegal(hart, insn);
    };
  }

  private static long load(Hart hart, int insn, int funct3, long va) {
    return switch (funct3) {
      case 0 -> (byte) hart.load(va, 1);
      case 1 -> (short) hart.load(va, 2);
      case 2 -> (int) hart.load(va, 4);
      case 3 -> hart.load(va, 8);
      case 4 -> hart.load(va, 1);
      case 5 -> hart.load(va, 2);
      case 6 -> hart.load(va, 4);
      default -> throw illegal(hart, insn);
    };
  }

  private static long immediate(Hart hart, int insn, int funct3, long a) {
    long imm = immI(insn);
    int shamt = insn >>> 20 & 63;
    int high = insn >>> 26;
    return switch (funct3) {
      case 0 -> a + imm;
      case 1 -> {
        require(hart, insn, high == 0);
        yield a << shamt;
      }
      case 2 -> a < imm ? 1 : 0;
      case 3 -> Long.compareUnsigned(a, imm) < 0 ? 1 : 0;
      case 4 -> a ^ imm;
      case 5 -> {
        require(hart, insn, (high & ~0x10) == 0);
        yield high == 0 ? a >>> shamt : a >> shamt;
      }
      case 6 -> a | imm;
      default -> a & imm;
    };
  }

  private static long immediateWord(Hart hart, int insn, int funct3, int a) {
    int shamt = insn >>> 20 & 31;
    int high = insn >>> 25;
    return switch (funct3) {
      case 0 -> a + (int) immI(insn);
      case 1 -> {
        require(hart, insn, high == 0);
        yield a << shamt;
      }
      case 5 -> {
        require(hart, insn, (high & ~0x20) == 0);
        yield high == 0 ? a >>> shamt : a >> shamt;
      }
      default -> throw illegal(hart, insn);
    };
  }

  private static long register(Hart hart, int insn, int funct3, long a, long b) {
    int shamt = (int) b & 63;
    return switch (insn >>> 25 << 3 | funct3) {
      case 0 -> a + b;
      case 0x100 -> a - b;
      case 1 -> a << shamt;
      case 2 -> a < b ? 1 : 0;
      case 3 -> Long.compareUnsigned(a, b) < 0 ? 1 : 0;
      case 4 -> a ^ b;
      case 5 -> a >>> shamt;
      case 0x105 -> a >> shamt;
      case 6 -> a | b;
      case 7 -> a & b;
      default -> throw illegal(hart, insn);
    };
  }

  private static long registerWord(Hart hart, int insn, int funct3, int a, int b) {
    return switch (insn >>> 25 << 3 | funct3) {
      case 0 -> a + b;
      case 0x100 -> a - b;
      case 1 -> a << b;
      case 5 -> a >>> b;
      case 0x105 -> a >> b;
      default -> throw illegal(hart, insn);
    };
  }

  private static void require(Hart hart, int insn, boolean legal) {
    if (!legal) {
      throw illegal(hart, insn);
    }
  }

  private static RuntimeException illegal(Hart hart, int insn) {
    return hart.trap(Cause.ILLEGAL_INSTRUCTION, insn & 0xffff_ffffL);
  }

  /**
   * Without the C extension a jump to an address that is not a multiple of 4 traps at the jump
   * itself.
   */
  private static long aligned(Hart hart, long target) {
    if ((target & 3) != 0) {
      throw hart.trap(Cause.INSTRUCTION_MISALIGNED, target);
    }
    return target;
  }

  private static long immI(int insn) {
    return insn >> 20;
  }

  private static long immS(int insn) {
    return insn >> 25 << 5 | insn >>> 7 & 31;
  }

  private static long immB(int insn) {
    return insn >> 31 << 12
        | (insn >>> 7 & 1) << 11
        | (insn >>> 25 & 63) << 5
        | (insn >>> 8 & 15) << 1;
  }

  private static long immJ(int insn) {
    return insn >> 31 << 20 | insn & 0xff000 | (insn >>> 20 & 1) << 11 | (insn >>> 21 & 0x3ff) << 1;
  }
}
