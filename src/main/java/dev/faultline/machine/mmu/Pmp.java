package dev.faultline.machine.mmu;

/**
 * Physical Memory Protection (Privileged Architecture, "Physical Memory Protection"): 16 entries
 * with a grain of four bytes. The first entry that matches any byte of an access decides, and must
 * match all of them; where none matches, M-mode may do everything and S- and U-mode nothing.
 */
public final class Pmp {
  public static final int ENTRIES = 16;

  private static final int R = 1;
  private static final int W = 2;
  private static final int X = 4;
  private static final int A_SHIFT = 3;
  private static final int L = 0x80;
  private static final int OFF = 0;
  private static final int TOR = 1;
  private static final int NA4 = 2;

  /** A, R, W, X and L; the two bits between are zero. */
  private static final int CONFIGURATION_MASK = 0x9f;

  /** Physical addresses have 56 bits, of which the registers hold all but the lowest two. */
  private static final long ADDRESS_MASK = (1L << 54) - 1;

  private static final long BEYOND = 1L << 56;

  private final int[] configuration = new int[ENTRIES];
  private final long[] address = new long[ENTRIES];

  /** What each entry matches: from {@code first} up to, without, {@code end}. */
  private final long[] first = new long[ENTRIES];

  private final long[] end = new long[ENTRIES];
  private int active;

  /** {@code pmpcfg} of eight entries, {@code index} even. */
  public long configuration(int index) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | configuration[index * 4 + i];
    }
    return value;
  }

  /** Writes {@code pmpcfg} of eight entries; those that are locked stay. */
  public void setConfiguration(int index, long value) {
    for (int i = 0; i < 8; i++) {
      int entry = index * 4 + i;
      int wanted = (int) (value >>> 8 * i) & CONFIGURATION_MASK;
      // W without R is reserved: WARL, and the entry stays as it was.
      if (!isLocked(entry) && (wanted & (R | W)) != W) {
        configuration[entry] = wanted;
      }
    }
    update();
  }

  public long address(int entry) {
    return address[entry];
  }

  /** Writes {@code pmpaddr}, unless it is locked, by itself or as the bottom of a locked range. */
  public void setAddress(int entry, long value) {
    boolean isLockedBottom = entry + 1 < ENTRIES && isLocked(entry + 1) && mode(entry + 1) == TOR;
    if (!isLocked(entry) && !isLockedBottom) {
      address[entry] = value & ADDRESS_MASK;
      update();
    }
  }

  /** Lets every mode do everything, as firmware does for an operating system it trusts. */
  public void open() {
    setAddress(0, -1);
    setConfiguration(0, R | W | X | 3 << A_SHIFT);
  }

  private boolean isLocked(int entry) {
    return (configuration[entry] & L) != 0;
  }

  private int mode(int entry) {
    return configuration[entry] >>> A_SHIFT & 3;
  }

  private void update() {
    active = 0;
    for (int entry = 0; entry < ENTRIES; entry++) {
      long at = address[entry] << 2;
      switch (mode(entry)) {
        case OFF -> {
          first[entry] = 0;
          end[entry] = 0;
          continue;
        }
        case TOR -> {
          first[entry] = entry == 0 ? 0 : address[entry - 1] << 2;
          end[entry] = at;
        }
        case NA4 -> {
          first[entry] = at;
          end[entry] = at + 4;
        }
        default -> {
          long ones = Long.numberOfTrailingZeros(~address[entry]);
          long size = 1L << Math.min(ones + 3, 56);
          first[entry] = at & -size & BEYOND - 1;
          end[entry] = first[entry] + size;
        }
      }
      active = entry + 1;
    }
  }

  /** True when the access is allowed. */
  public boolean allows(long from, int size, Access access, int privilege) {
    for (int entry = 0; entry < active; entry++) {
      if (from < end[entry] && from + size > first[entry]) {
        boolean matchesAll = from >= first[entry] && from + size <= end[entry];
        return matchesAll
            && (privilege == Privilege.M && !isLocked(entry) || permits(entry, access));
      }
    }
    return privilege == Privilege.M;
  }

  private boolean permits(int entry, Access access) {
    int wanted =
        switch (access) {
          case LOAD -> R;
          case STORE -> W;
          case FETCH -> X;
        };
    return (configuration[entry] & wanted) != 0;
  }

  /** True when no entry begins or ends within a range, so that one answer holds for all of it. */
  boolean isUniform(long from, int size) {
    for (int entry = 0; entry < active; entry++) {
      boolean overlaps = from < end[entry] && from + size > first[entry];
      if (overlaps && (from < first[entry] || from + size > end[entry])) {
        return false;
      }
    }
    return true;
  }
}
