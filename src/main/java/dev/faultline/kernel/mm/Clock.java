package dev.faultline.kernel.mm;

import java.util.BitSet;

/**
 * The clock, also called second chance: pages stand in a ring, and a hand goes round. A page that
 * was used since the hand last came by is passed over, once; one that was not is taken.
 */
final class Clock implements EvictionOrder {
  private final FrameList ring = new FrameList();

  /** Pages that a system call used, which no A bit tells. */
  private final BitSet accessed = new BitSet();

  /** The page that the hand comes to next, NONE for the first of the list. */
  private int hand = NONE;

  /** A new page stands right behind the hand: the hand comes to it last. */
  @Override
  public void add(int ppn) {
    if (hand == NONE) {
      ring.addLast(ppn);
    } else {
      ring.addBefore(ppn, hand);
    }
  }

  @Override
  public void remove(int ppn) {
    if (hand == ppn) {
      hand = ring.after(ppn);
    }
    ring.remove(ppn);
    accessed.clear(ppn);
  }

  @Override
  public void accessed(int ppn) {
    accessed.set(ppn);
  }

  @Override
  public void deactivate(int ppn) {
    accessed.clear(ppn);
  }

  @Override
  public int choose(Candidates candidates) {
    // Once round to take all second chances, once more to find one that is used up.
    for (int looks = 2 * ring.size(); looks > 0; looks--) {
      int ppn = hand == NONE ? ring.first() : hand;
      hand = ring.after(ppn);
      if (candidates.mayGo(ppn)) {
        boolean used = candidates.takeReferences(ppn) > 0 || accessed.get(ppn);
        accessed.clear(ppn);
        if (!used) {
          return ppn;
        }
      }
    }
    return NONE;
  }

  @Override
  public int reason() {
    return ReclaimPolicy.CLOCK.ordinal();
  }
}
