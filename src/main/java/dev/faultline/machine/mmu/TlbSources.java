package dev.faultline.machine.mmu;

import java.util.Arrays;

/**
 * Counts what the rows of all TLBs of a machine were filled from, by frame and by a hash of the
 * entry's address, so that a store to a table that no row was filled from costs two look-ups and
 * not a look at each row.
 */
public final class TlbSources {
  private static final int HASHES = 256;
  private static final int FIRST_FRAMES = 32;

  private final int[] byHash = new int[HASHES];
  private int[] byFrame = new int[FIRST_FRAMES];

  private static int hash(long entryAddress) {
    return (int) (entryAddress >>> 3) & HASHES - 1;
  }

  /** A row was filled from an entry in this frame. */
  void add(int frame, long entryAddress) {
    if (frame >= byFrame.length) {
      byFrame = Arrays.copyOf(byFrame, Math.max(byFrame.length * 2, frame + 1));
    }
    byFrame[frame]++;
    byHash[hash(entryAddress)]++;
  }

  void remove(int frame, long entryAddress) {
    byFrame[frame]--;
    byHash[hash(entryAddress)]--;
  }

  /** True when some row was filled from this frame. */
  boolean hasAny(int frame) {
    return frame < byFrame.length && byFrame[frame] > 0;
  }

  /** False when surely no row was filled from this entry. */
  boolean mayHave(long entryAddress) {
    return byHash[hash(entryAddress)] > 0;
  }
}
