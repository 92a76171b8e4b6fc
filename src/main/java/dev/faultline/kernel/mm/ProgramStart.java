package dev.faultline.kernel.mm;

/**
 * Where a program found things when it began, as {@code /proc} tells ({@code mm->start_code} and so
 * on).
 *
 * @param auxiliaryVector a copy, which the program cannot change
 */
public record ProgramStart(
    long codeStart,
    long codeEnd,
    long dataStart,
    long dataEnd,
    Range arguments,
    Range environment,
    byte[] auxiliaryVector) {
  /** Of a process without a program. */
  public static final ProgramStart NONE =
      new ProgramStart(0, 0, 0, 0, Range.EMPTY, Range.EMPTY, new byte[0]);

  /** From the first address on, without the last. */
  public record Range(long start, long end) {
    static final Range EMPTY = new Range(0, 0);
  }
}
