package dev.faultline.machine.isa;

/**
 * One instruction taken apart, packed into a {@code long} so that a block of them is one array:
 *
 * <pre>
 *   bits 0-7 op | 8-13 rd | 14-19 rs1 | 20-25 rs2 | 26-28 rm | 29 four bytes long | 32-63 immediate
 * </pre>
 *
 * An instruction that would write {@code x0} writes register {@value #SINK} instead, which nobody
 * reads. The immediate of a fused multiply-add is {@code rs3}; of an instruction on a CSR, the
 * CSR's number (its five-bit operand stands in {@code rs1}); of {@link Op#ILLEGAL}, the bits that
 * were fetched.
 */
public final class Decoded {
  /** Where writes to {@code x0} go: one past the last register. */
  public static final int SINK = 32;

  private static final int RD_SHIFT = 8;
  private static final int RS1_SHIFT = 14;
  private static final int RS2_SHIFT = 20;
  private static final int RM_SHIFT = 26;
  private static final int LONG_SHIFT = 29;
  private static final int IMMEDIATE_SHIFT = 32;

  private Decoded() {}

  static long of(int op, int rd, int rs1, int rs2, int rm, boolean isLong, int immediate) {
    return op
        | (long) rd << RD_SHIFT
        | (long) rs1 << RS1_SHIFT
        | (long) rs2 << RS2_SHIFT
        | (long) rm << RM_SHIFT
        | (isLong ? 1L << LONG_SHIFT : 0)
        | (long) immediate << IMMEDIATE_SHIFT;
  }

  public static int op(long word) {
    return (int) word & 0xff;
  }

  public static int rd(long word) {
    return (int) word >>> RD_SHIFT & 63;
  }

  public static int rs1(long word) {
    return (int) word >>> RS1_SHIFT & 63;
  }

  public static int rs2(long word) {
    return (int) word >>> RS2_SHIFT & 63;
  }

  /** The rounding mode. */
  public static int rm(long word) {
    return (int) word >>> RM_SHIFT & 7;
  }

  public static int immediate(long word) {
    return (int) (word >>> IMMEDIATE_SHIFT);
  }

  /** The same instruction with {@code more} added to its immediate. */
  public static long plusImmediate(long word, int more) {
    return word + ((long) more << IMMEDIATE_SHIFT);
  }

  /** 2 or 4 bytes. */
  public static int length(long word) {
    return 2 + ((int) word >>> LONG_SHIFT - 1 & 2);
  }
}
