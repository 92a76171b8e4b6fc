package dev.faultline.kernel.mm;

import java.util.Arrays;
import java.util.Random;

/** No order at all: every page is as likely as any other, from the laboratory's seed. */
final class RandomOrder implements EvictionOrder {
  private int[] pages = new int[32];
  private int[] placeOf = new int[32];
  private int size;
  private final Random random;

  RandomOrder(long seed) {
    random = new Random(seed);
  }

  @Override
  public void add(int ppn) {
    if (size == pages.length) {
      pages = Arrays.copyOf(pages, size * 2);
    }
    if (ppn >= placeOf.length) {
      placeOf = Arrays.copyOf(placeOf, Math.max(placeOf.length * 2, ppn + 1));
    }
    pages[size] = ppn;
    placeOf[ppn] = size++;
  }

  /** The last page takes the place of the one that leaves. */
  @Override
  public void remove(int ppn) {
    int last = pages[--size];
    pages[placeOf[ppn]] = last;
    placeOf[last] = placeOf[ppn];
  }

  @Override
  public int choose(Candidates candidates) {
    if (size == 0) {
      return NONE;
    }
    int start = random.nextInt(size);
    for (int i = 0; i < size; i++) {
      int ppn = pages[(start + i) % size];
      if (candidates.mayGo(ppn)) {
        return ppn;
      }
    }
    return NONE;
  }

  @Override
  public int reason() {
    return ReclaimPolicy.RANDOM.ordinal();
  }
}
