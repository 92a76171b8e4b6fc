package dev.faultline.machine.isa;

import org.jspecify.annotations.Nullable;

/** Takes instructions apart. Whatever the manual reserves is {@link Op#ILLEGAL}. */
public final class Decoder {
  private static final int HIGHEST_ROUNDING_MODE = 4;
  private static final int DYNAMIC = 7;

  private Decoder() {}

  /** True when the halfword begins an instruction of 32 bits. */
  public static boolean isLong(int halfword) {
    return (halfword & 3) == 3;
  }

  /**
   * Decodes the instruction that begins with the low halfword; the upper one counts only when it
   * has 32 bits.
   */
  public static long decode(int insn) {
    if (isLong(insn)) {
      return decode(insn, insn, true);
    }
    int halfword = insn & 0xffff;
    return decode(Compressed.expand(halfword), halfword, false);
  }

  private static long decode(int insn, int fetched, boolean isLong) {
    Encoding encoding = Encodings.find(insn);
    if (encoding == null || isReservedRounding(encoding, insn)) {
      return Decoded.of(Op.ILLEGAL, 0, 0, 0, 0, isLong, fetched);
    }
    int rd = insn >>> 7 & 31;
    if (rd == 0 && encoding.form().writesInteger()) {
      rd = Decoded.SINK;
    }
    int rs1 = insn >>> 15 & 31;
    int rs2 = insn >>> 20 & 31;
    int funct3 = insn >>> 12 & 7;
    return Decoded.of(
        encoding.op(), rd, rs1, rs2, funct3, isLong, immediate(encoding.form(), insn));
  }

  private static boolean isReservedRounding(Encoding encoding, int insn) {
    int rm = insn >>> 12 & 7;
    return encoding.form().isRounded() && rm > HIGHEST_ROUNDING_MODE && rm != DYNAMIC;
  }

  private static int immediate(Form form, int insn) {
    return switch (form) {
      case I, LOAD, F_LOAD -> insn >> 20;
      case STORE, F_STORE -> immediateS(insn);
      case BRANCH -> immediateB(insn);
      case U -> insn & 0xffff_f000;
      case J -> immediateJ(insn);
      case SHIFT -> insn >>> 20 & 63;
      case SHIFT_WORD -> insn >>> 20 & 31;
      case CSR, CSR_IMMEDIATE, FENCE -> insn >>> 20;
      case AMO, LR -> insn >>> 25 & 3;
      case F_R4 -> insn >>> 27;
      default -> 0;
    };
  }

  private static int immediateS(int insn) {
    return insn >> 25 << 5 | insn >>> 7 & 31;
  }

  private static int immediateB(int insn) {
    return insn >> 31 << 12
        | (insn >>> 7 & 1) << 11
        | (insn >>> 25 & 63) << 5
        | (insn >>> 8 & 15) << 1;
  }

  private static int immediateJ(int insn) {
    return insn >> 31 << 20 | insn & 0xff000 | (insn >>> 20 & 1) << 11 | (insn >>> 21 & 0x3ff) << 1;
  }

  /** The encoding of an instruction of 32 bits; null for none. */
  static @Nullable Encoding encodingOf(int insn) {
    Encoding encoding = Encodings.find(insn);
    return encoding == null || isReservedRounding(encoding, insn) ? null : encoding;
  }
}
