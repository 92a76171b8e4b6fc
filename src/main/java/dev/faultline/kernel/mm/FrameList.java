package dev.faultline.kernel.mm;

import java.util.Arrays;

/**
 * Frames in a row, the oldest first, linked both ways through arrays: adding and removing cost the
 * same wherever a frame stands, and nothing is allocated for it.
 */
final class FrameList {
  static final int NONE = -1;

  private static final int FIRST_FRAMES = 32;

  /** A frame stands at its number plus 1; place 0 is the ring's beginning and end. */
  private int[] next = {0};

  private int[] previous = {0};
  private int size;

  int size() {
    return size;
  }

  boolean contains(int ppn) {
    return ppn + 1 < next.length && next[ppn + 1] != NONE;
  }

  /** The oldest, or NONE. */
  int first() {
    return next[0] - 1;
  }

  /** The one that came in after a frame of the list, or NONE. */
  int after(int ppn) {
    return next[ppn + 1] - 1;
  }

  void addLast(int ppn) {
    insert(ppn + 1, previous[0], 0);
  }

  void addFirst(int ppn) {
    insert(ppn + 1, 0, next[0]);
  }

  /** Adds a frame right before one of the list. */
  void addBefore(int ppn, int other) {
    insert(ppn + 1, previous[other + 1], other + 1);
  }

  private void insert(int place, int before, int behind) {
    if (place >= next.length) {
      int old = next.length;
      int wanted = Math.max(FIRST_FRAMES, Math.max(place + 1, old * 2));
      next = Arrays.copyOf(next, wanted);
      previous = Arrays.copyOf(previous, wanted);
      Arrays.fill(next, old, wanted, NONE);
    }
    next[place] = behind;
    previous[place] = before;
    next[before] = place;
    previous[behind] = place;
    size++;
  }

  void remove(int ppn) {
    int place = ppn + 1;
    next[previous[place]] = next[place];
    previous[next[place]] = previous[place];
    next[place] = NONE;
    size--;
  }
}
