package dev.faultline.kernel.mm;

/**
 * How much is brought in before anyone asks for it; with 0 of both, a fault brings in the one page
 * that it needs.
 *
 * @param readahead the most pages that are read from a file at once ({@code ra_pages}), 0 for none
 * @param faultAround pages in the window that a read fault maps as far as they are in memory
 *     ({@code fault_around_bytes}), a power of two; 0 and 1 for the page alone
 */
public record Prefetch(int readahead, int faultAround) {
  public static final Prefetch NONE = new Prefetch(0, 0);

  /** 8 MiB, the most that disks are commonly set to. */
  public static final int MOST_READAHEAD = 2048;

  /** A window lies within one page table. */
  public static final int MOST_FAULT_AROUND = 512;

  /** Refuses what no kernel could be set to. */
  public Prefetch {
    if (readahead < 0 || readahead > MOST_READAHEAD) {
      throw new IllegalArgumentException("readahead: " + readahead);
    }
    if (faultAround < 0 || faultAround > MOST_FAULT_AROUND || Integer.bitCount(faultAround) > 1) {
      throw new IllegalArgumentException("fault-around: " + faultAround);
    }
  }
}
