package dev.faultline.machine.isa;

/**
 * The C extension: each instruction of 16 bits stands for one of 32 bits ("C" Extension for
 * Compressed Instructions, "RVC Instruction Set Listings", the columns of RV64). HINTs become the
 * instructions without effect that they are encoded as.
 */
final class Compressed {
  /** No instruction: its low bits are not 11. */
  private static final int RESERVED = 0;

  private static final int ZERO = 0;
  private static final int RA = 1;
  private static final int SP = 2;

  private Compressed() {}

  /** The instruction of 32 bits that a halfword stands for, or 0 for none. */
  static int expand(int c) {
    int funct3 = c >>> 13;
    return switch (c & 3) {
      case 0 -> quadrant0(c, funct3);
      case 1 -> quadrant1(c, funct3);
      case 2 -> quadrant2(c, funct3);
      default -> RESERVED;
    };
  }

  private static int quadrant0(int c, int funct3) {
    int rd = 8 + (c >>> 2 & 7);
    int rs1 = 8 + (c >>> 7 & 7);
    int word = bits(c, 10, 3) << 3 | bit(c, 6) << 2 | bit(c, 5) << 6;
    int doubleword = bits(c, 10, 3) << 3 | bits(c, 5, 2) << 6;
    return switch (funct3) {
      case 0 -> {
        int uimm = bits(c, 11, 2) << 4 | bits(c, 7, 4) << 6 | bit(c, 6) << 2 | bit(c, 5) << 3;
        yield uimm == 0 ? RESERVED : itype(Op.ADDI, rd, SP, uimm);
      }
      case 1 -> itype(Op.FLD, rd, rs1, doubleword);
      case 2 -> itype(Op.LW, rd, rs1, word);
      case 3 -> itype(Op.LD, rd, rs1, doubleword);
      case 5 -> stype(Op.FSD, rs1, rd, doubleword);
      case 6 -> stype(Op.SW, rs1, rd, word);
      case 7 -> stype(Op.SD, rs1, rd, doubleword);
      default -> RESERVED;
    };
  }

  private static int quadrant1(int c, int funct3) {
    int rd = bits(c, 7, 5);
    int imm = -bit(c, 12) << 5 | bits(c, 2, 5);
    return switch (funct3) {
      case 0 -> itype(Op.ADDI, rd, rd, imm);
      case 1 -> rd == 0 ? RESERVED : itype(Op.ADDIW, rd, rd, imm);
      case 2 -> itype(Op.ADDI, rd, ZERO, imm);
      case 3 -> {
        if (imm == 0) {
          yield RESERVED;
        }
        yield rd == SP ? addi16sp(c) : match(Op.LUI) | imm << 12 | rd << 7;
      }
      case 4 -> arithmetic(c, 8 + bits(c, 7, 3), imm);
      case 5 -> jtype(ZERO, jumpOffset(c));
      case 6 -> btype(Op.BEQ, 8 + bits(c, 7, 3), branchOffset(c));
      default -> btype(Op.BNE, 8 + bits(c, 7, 3), branchOffset(c));
    };
  }

  private static int addi16sp(int c) {
    int imm =
        -bit(c, 12) << 9 | bits(c, 3, 2) << 7 | bit(c, 5) << 6 | bit(c, 2) << 5 | bit(c, 6) << 4;
    return itype(Op.ADDI, SP, SP, imm);
  }

  private static int arithmetic(int c, int rd, int imm) {
    int rs2 = 8 + bits(c, 2, 3);
    return switch (bits(c, 10, 2)) {
      case 0 -> itype(Op.SRLI, rd, rd, imm & 63);
      case 1 -> itype(Op.SRAI, rd, rd, imm & 63);
      case 2 -> itype(Op.ANDI, rd, rd, imm);
      default ->
          switch (bit(c, 12) << 2 | bits(c, 5, 2)) {
            case 0 -> rtype(Op.SUB, rd, rd, rs2);
            case 1 -> rtype(Op.XOR, rd, rd, rs2);
            case 2 -> rtype(Op.OR, rd, rd, rs2);
            case 3 -> rtype(Op.AND, rd, rd, rs2);
            case 4 -> rtype(Op.SUBW, rd, rd, rs2);
            case 5 -> rtype(Op.ADDW, rd, rd, rs2);
            default -> RESERVED;
          };
    };
  }

  private static int quadrant2(int c, int funct3) {
    int rd = bits(c, 7, 5);
    int rs2 = bits(c, 2, 5);
    int loadWord = bit(c, 12) << 5 | bits(c, 4, 3) << 2 | bits(c, 2, 2) << 6;
    int loadDoubleword = bit(c, 12) << 5 | bits(c, 5, 2) << 3 | bits(c, 2, 3) << 6;
    int storeWord = bits(c, 9, 4) << 2 | bits(c, 7, 2) << 6;
    int storeDoubleword = bits(c, 10, 3) << 3 | bits(c, 7, 3) << 6;
    return switch (funct3) {
      case 0 -> itype(Op.SLLI, rd, rd, bit(c, 12) << 5 | rs2);
      case 1 -> itype(Op.FLD, rd, SP, loadDoubleword);
      case 2 -> rd == 0 ? RESERVED : itype(Op.LW, rd, SP, loadWord);
      case 3 -> rd == 0 ? RESERVED : itype(Op.LD, rd, SP, loadDoubleword);
      case 4 -> bit(c, 12) == 0 ? jumpOrMove(rd, rs2) : linkOrAdd(rd, rs2);
      case 5 -> stype(Op.FSD, SP, rs2, storeDoubleword);
      case 6 -> stype(Op.SW, SP, rs2, storeWord);
      default -> stype(Op.SD, SP, rs2, storeDoubleword);
    };
  }

  private static int jumpOrMove(int rd, int rs2) {
    if (rs2 != 0) {
      return rtype(Op.ADD, rd, ZERO, rs2);
    }
    return rd == 0 ? RESERVED : itype(Op.JALR, ZERO, rd, 0);
  }

  private static int linkOrAdd(int rd, int rs2) {
    if (rs2 != 0) {
      return rtype(Op.ADD, rd, rd, rs2);
    }
    return rd == 0 ? match(Op.EBREAK) : itype(Op.JALR, RA, rd, 0);
  }

  private static int jumpOffset(int c) {
    return -bit(c, 12) << 11
        | bit(c, 11) << 4
        | bits(c, 9, 2) << 8
        | bit(c, 8) << 10
        | bit(c, 7) << 6
        | bit(c, 6) << 7
        | bits(c, 3, 3) << 1
        | bit(c, 2) << 5;
  }

  private static int branchOffset(int c) {
    return -bit(c, 12) << 8
        | bits(c, 10, 2) << 3
        | bits(c, 5, 2) << 6
        | bits(c, 3, 2) << 1
        | bit(c, 2) << 5;
  }

  private static int bit(int c, int at) {
    return c >>> at & 1;
  }

  private static int bits(int c, int from, int count) {
    return c >>> from & (1 << count) - 1;
  }

  private static int match(int op) {
    return Encodings.of(op).match();
  }

  private static int rtype(int op, int rd, int rs1, int rs2) {
    return match(op) | rs2 << 20 | rs1 << 15 | rd << 7;
  }

  private static int itype(int op, int rd, int rs1, int imm) {
    return match(op) | imm << 20 | rs1 << 15 | rd << 7;
  }

  private static int stype(int op, int rs1, int rs2, int imm) {
    return match(op) | imm >>> 5 << 25 | rs2 << 20 | rs1 << 15 | (imm & 31) << 7;
  }

  private static int btype(int op, int rs1, int imm) {
    return match(op)
        | (imm >>> 12 & 1) << 31
        | (imm >>> 5 & 63) << 25
        | rs1 << 15
        | (imm >>> 1 & 15) << 8
        | (imm >>> 11 & 1) << 7;
  }

  private static int jtype(int rd, int imm) {
    return match(Op.JAL)
        | (imm >>> 20 & 1) << 31
        | (imm >>> 1 & 0x3ff) << 21
        | (imm >>> 11 & 1) << 20
        | imm & 0xff000
        | rd << 7;
  }
}
