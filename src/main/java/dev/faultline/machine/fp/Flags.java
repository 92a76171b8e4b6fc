package dev.faultline.machine.fp;

/** The accrued exceptions of {@code fflags}. */
public final class Flags {
  /** Inexact. */
  public static final int NX = 1;

  /** Underflow: inexact, and tiny after rounding. */
  public static final int UF = 2;

  /** Overflow. */
  public static final int OF = 4;

  /** Divide by zero. */
  public static final int DZ = 8;

  /** Invalid operation. */
  public static final int NV = 16;

  private Flags() {}
}
