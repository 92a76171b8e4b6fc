package dev.faultline.machine.fp;

/** Rounding modes with their encoding in {@code frm} and in instructions ("F", table 11.1). */
public final class Rounding {
  /** To nearest, ties to even. */
  public static final int RNE = 0;

  /** Towards zero. */
  public static final int RTZ = 1;

  /** Down, towards negative infinity. */
  public static final int RDN = 2;

  /** Up, towards positive infinity. */
  public static final int RUP = 3;

  /** To nearest, ties to the greater magnitude. */
  public static final int RMM = 4;

  /** In an instruction: as {@code frm} says. */
  public static final int DYN = 7;

  private Rounding() {}

  /**
   * True when a magnitude is to be increased by one unit.
   *
   * @param rest what is cut off, in {@code bits} bits; the lowest may stand for all below it
   * @param isOdd the lowest bit that stays
   */
  static boolean increments(int rm, boolean negative, boolean isOdd, long rest, int bits) {
    long half = 1L << bits - 1;
    return switch (rm) {
      case RNE -> rest > half || rest == half && isOdd;
      case RTZ -> false;
      case RDN -> negative && rest != 0;
      case RUP -> !negative && rest != 0;
      case RMM -> rest >= half;
      default -> throw new IllegalArgumentException("rounding mode " + rm);
    };
  }
}
