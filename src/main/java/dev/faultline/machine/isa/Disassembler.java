package dev.faultline.machine.isa;

/**
 * Writes instructions as the manual does ("RISC-V Assembly Programmer's Handbook"): ABI names of
 * registers, and the pseudo-instruction where there is one. Of a compressed instruction, the one
 * that it stands for is written.
 */
public final class Disassembler {
  private static final String[] X = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4",
    "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4",
    "t5", "t6", "zero"
  };
  private static final String[] F = {
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2",
    "fa3", "fa4", "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9",
    "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"
  };
  private static final String[] ROUNDING = {"rne", "rtz", "rdn", "rup", "rmm", "", "", "dyn"};
  private static final String[] ORDERING = {"", ".rl", ".aq", ".aqrl"};
  private static final int DYNAMIC = 7;
  private static final int RA = 1;
  private static final int FENCE_TSO = 0x833;
  private static final int FENCE_ALL = 0x0ff;
  private static final int PAUSE = 0x010;

  private Disassembler() {}

  /** The ABI name of an integer register. */
  public static String registerName(int number) {
    return X[number];
  }

  /** The ABI name of a floating-point register. */
  public static String floatRegisterName(int number) {
    return F[number];
  }

  /** The instruction fetched at {@code pc}: its low halfword, or all of it. */
  public static String text(int insn, long pc) {
    return text(Decoder.decode(insn), pc);
  }

  /** A decoded instruction that stands at {@code pc}, which branches are relative to. */
  public static String text(long word, long pc) {
    int op = Decoded.op(word);
    if (op == Op.ILLEGAL) {
      int bits = Decoded.immediate(word);
      return Decoded.length(word) == 2
          ? ".2byte 0x%x".formatted(bits & 0xffff)
          : ".4byte 0x%x".formatted(bits);
    }
    String pseudo = Pseudo.of(word, pc);
    return pseudo == null ? plain(Encodings.of(op), word, pc) : pseudo;
  }

  private static String plain(Encoding encoding, long word, long pc) {
    int imm = Decoded.immediate(word);
    String rd = X[Decoded.rd(word)];
    String rs1 = x(Decoded.rs1(word));
    String rs2 = x(Decoded.rs2(word));
    String fd = F[Decoded.rd(word) & 31];
    String fs1 = F[Decoded.rs1(word)];
    String fs2 = F[Decoded.rs2(word)];
    String name = encoding.mnemonic();
    return switch (encoding.form()) {
      case NONE -> name;
      case R -> line(name, rd, rs1, rs2);
      case I -> line(name, rd, rs1, Integer.toString(imm));
      case SHIFT, SHIFT_WORD -> line(name, rd, rs1, hex(imm));
      case LOAD -> line(name, rd, imm + "(" + rs1 + ")");
      case STORE -> line(name, rs2, imm + "(" + rs1 + ")");
      case BRANCH -> line(name, rs1, rs2, target(word, pc));
      case U -> line(name, rd, hex(imm >>> 12));
      case J -> line(name, rd, target(word, pc));
      case FENCE -> fence(imm);
      case CSR -> line(name, rd, Csr.name(imm), rs1);
      case CSR_IMMEDIATE -> line(name, rd, Csr.name(imm), Integer.toString(Decoded.rs1(word)));
      case AMO -> line(name + ORDERING[imm], rd, rs2, "(" + rs1 + ")");
      case LR -> line(name + ORDERING[imm], rd, "(" + rs1 + ")");
      case SFENCE -> sfence(word, rs1, rs2);
      case F_LOAD -> line(name, fd, imm + "(" + rs1 + ")");
      case F_STORE -> line(name, fs2, imm + "(" + rs1 + ")");
      case F_R4 -> rounded(word, line(name, fd, fs1, fs2, F[imm & 31]));
      case F_R_ROUNDED -> rounded(word, line(name, fd, fs1, fs2));
      case F_R -> line(name, fd, fs1, fs2);
      case F_F_ROUNDED -> rounded(word, line(name, fd, fs1));
      case X_F_F -> line(name, rd, fs1, fs2);
      case X_F_ROUNDED -> rounded(word, line(name, rd, fs1));
      case X_F -> line(name, rd, fs1);
      case F_X_ROUNDED -> rounded(word, line(name, fd, rs1));
      case F_X -> line(name, fd, rs1);
    };
  }

  static String x(int number) {
    return X[number];
  }

  static String f(int number) {
    return F[number];
  }

  static String line(String name, String... operands) {
    return name + " " + String.join(", ", operands);
  }

  static String target(long word, long pc) {
    return "0x" + Long.toHexString(pc + Decoded.immediate(word));
  }

  static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  /** Says how it rounds, unless as {@code frm} says or there is nothing to round. */
  private static String rounded(long word, String text) {
    int rm = Decoded.rm(word);
    boolean isExact =
        switch (Decoded.op(word)) {
          case Op.FCVT_D_W, Op.FCVT_D_WU, Op.FCVT_D_S -> rm == 0;
          default -> false;
        };
    return rm == DYNAMIC || isExact ? text : text + ", " + ROUNDING[rm];
  }

  private static String fence(int imm) {
    if (imm == FENCE_TSO) {
      return "fence.tso";
    }
    if (imm == FENCE_ALL) {
      return "fence";
    }
    return imm == PAUSE ? "pause" : line("fence", set(imm >>> 4 & 15), set(imm & 15));
  }

  private static String set(int bits) {
    var text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      if ((bits >>> 3 - i & 1) != 0) {
        text.append("iorw".charAt(i));
      }
    }
    return text.isEmpty() ? "0" : text.toString();
  }

  private static String sfence(long word, String rs1, String rs2) {
    if (Decoded.rs2(word) != 0) {
      return line("sfence.vma", rs1, rs2);
    }
    return Decoded.rs1(word) != 0 ? line("sfence.vma", rs1) : "sfence.vma";
  }

  static boolean isRa(int register) {
    return register == RA;
  }
}
