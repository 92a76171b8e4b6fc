package dev.faultline.machine.mmu;

import java.util.Arrays;

/**
 * Pages that need no further check, for one kind of access in one privilege mode: a strict subset
 * of the TLB's rows (or of physical memory, where nothing is translated). A page's place is a hash
 * of its number that keeps arrays which lie a power of two apart from meeting.
 *
 * <p>The user compares {@code tag[place(va)]} with {@code va & (-4096 | size - 1)}: a tag has its
 * low bits clear, so that one comparison also finds that an access is misaligned.
 */
public final class FastTable {
  /** Equal to no page's address, masked for any size of access. */
  private static final long EMPTY = 8;

  public final long[] tag;

  /**
   * For loads and stores, what to add to the low half of an address to get its place in {@link
   * dev.faultline.machine.memory.PhysicalMemory#bytes}; for fetches, the frame's index.
   */
  public final int[] value;

  private final int[] row;
  private boolean isEmpty;

  /**
   * @param size how many pages it holds at most, a power of two
   */
  FastTable(int size) {
    tag = new long[size];
    value = new int[size];
    row = new int[size];
    clear();
  }

  /** Where the page of an address is, if it is there. */
  public int place(long va) {
    return place(va, tag.length - 1);
  }

  /** The same for who keeps the table's arrays: {@code mask} is their length less one. */
  public static int place(long va, int mask) {
    return (int) (va >>> 12 ^ va >>> 21) & mask;
  }

  void put(long va, int newValue, int tlbRow) {
    int place = place(va);
    isEmpty = false;
    tag[place] = va & -4096;
    value[place] = newValue;
    row[place] = tlbRow;
  }

  void clear() {
    if (!isEmpty) {
      Arrays.fill(tag, EMPTY);
      isEmpty = true;
    }
  }

  /** True when the page was there. */
  boolean dropPage(long va) {
    int place = place(va);
    if (tag[place] != (va & -4096)) {
      return false;
    }
    tag[place] = EMPTY;
    return true;
  }

  /** True when there was a page of this row. */
  boolean dropRow(int tlbRow) {
    boolean found = false;
    for (int place = 0; place < tag.length; place++) {
      if (row[place] == tlbRow && tag[place] != EMPTY) {
        tag[place] = EMPTY;
        found = true;
      }
    }
    return found;
  }

  /** Drops every page whose value, relative to its address, leads into a frame. */
  void dropFrame(int frameIndex) {
    if (isEmpty) {
      return;
    }
    for (int place = 0; place < tag.length; place++) {
      if ((int) tag[place] + value[place] >>> 12 == frameIndex) {
        tag[place] = EMPTY;
      }
    }
  }
}
