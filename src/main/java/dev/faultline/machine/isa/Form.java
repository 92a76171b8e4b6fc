package dev.faultline.machine.isa;

/** The operands that an instruction has, and in which order they are written. */
enum Form {
  NONE,
  /** {@code rd, rs1, rs2}. */
  R,
  /** {@code rd, rs1, imm}. */
  I,
  /** {@code rd, rs1, shamt} of six bits. */
  SHIFT,
  /** {@code rd, rs1, shamt} of five bits. */
  SHIFT_WORD,
  /** {@code rd, imm(rs1)}. */
  LOAD,
  /** {@code rs2, imm(rs1)}. */
  STORE,
  /** {@code rs1, rs2, target}. */
  BRANCH,
  /** {@code rd, imm}, the immediate in the upper 20 bits. */
  U,
  /** {@code rd, target}. */
  J,
  FENCE,
  /** {@code rd, csr, rs1}. */
  CSR,
  /** {@code rd, csr, uimm}. */
  CSR_IMMEDIATE,
  /** {@code rd, rs2, (rs1)}, with aq and rl. */
  AMO,
  /** {@code rd, (rs1)}, with aq and rl. */
  LR,
  /** {@code rs1, rs2}, both optional. */
  SFENCE,
  /** {@code fd, imm(rs1)}. */
  F_LOAD,
  /** {@code fs2, imm(rs1)}. */
  F_STORE,
  /** {@code fd, fs1, fs2, fs3}, rounded. */
  F_R4,
  /** {@code fd, fs1, fs2}, rounded. */
  F_R_ROUNDED,
  /** {@code fd, fs1, fs2}. */
  F_R,
  /** {@code fd, fs1}, rounded. */
  F_F_ROUNDED,
  /** {@code rd, fs1, fs2}. */
  X_F_F,
  /** {@code rd, fs1}, rounded. */
  X_F_ROUNDED,
  /** {@code rd, fs1}. */
  X_F,
  /** {@code fd, rs1}, rounded. */
  F_X_ROUNDED,
  /** {@code fd, rs1}. */
  F_X;

  /** True when {@code rd} is an integer register. */
  boolean writesInteger() {
    return switch (this) {
      case R, I, SHIFT, SHIFT_WORD, LOAD, U, J, CSR, CSR_IMMEDIATE, AMO, LR -> true;
      case X_F_F, X_F_ROUNDED, X_F -> true;
      case NONE, STORE, BRANCH, FENCE, SFENCE, F_LOAD, F_STORE -> false;
      case F_R4, F_R_ROUNDED, F_R, F_F_ROUNDED, F_X_ROUNDED, F_X -> false;
    };
  }

  /** True when the encoding has a rounding mode in place of funct3. */
  boolean isRounded() {
    return switch (this) {
      case F_R4, F_R_ROUNDED, F_F_ROUNDED, X_F_ROUNDED, F_X_ROUNDED -> true;
      default -> false;
    };
  }
}
