package dev.faultline.machine.mmu;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The paging modes of RV64: how many levels of tables, and the number that {@code satp.MODE} has
 * for it.
 */
public enum PagingMode {
  SV39(3, 8),
  SV48(4, 9),
  SV57(5, 10);

  public static final int INDEX_BITS = 9;
  public static final int ENTRIES = 1 << INDEX_BITS;

  private final int levels;
  private final long satpMode;

  PagingMode(int levels, long satpMode) {
    this.levels = levels;
    this.satpMode = satpMode;
  }

  public int levels() {
    return levels;
  }

  public int addressBits() {
    return 12 + INDEX_BITS * levels;
  }

  public long satp(long asid, long root) {
    return satpMode << 60 | asid << 44 | root;
  }

  /** How many bytes one entry of a level's table covers. */
  public static long span(int level) {
    return 1L << spanShift(level);
  }

  static int spanShift(int level) {
    return 12 + INDEX_BITS * level;
  }

  /** The index that an address has in the tables of a level. */
  public static int index(long va, int level) {
    return (int) (va >>> spanShift(level)) & ENTRIES - 1;
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode that a value of {@code satp.MODE} names. */
  public static Optional<PagingMode> ofSatp(long satp) {
    return Stream.of(values()).filter(mode -> mode.satpMode == satp >>> 60).findFirst();
  }
}
