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
  public static final int SIZE = 512;

  /** Equal to no page's address, masked for any size of access. */
  private static final long EMPTY = 8;

  public final long[] tag = new long[SIZE];

  /**
   * For loads and stores, what to add to the low half of an address to get its place in {@link
   * dev.faultline.machine.memory.PhysicalMemory#bytes}; for fetches, the frame's index.
   */
  public final int[] value = new int[SIZE];

  private final int[] row = new int[SIZE];

  FastTable() {
    clear();
  }

  public static int place(long va) {
    return (int) (va >>> 12 ^ va >>> 21) & SIZE - 1;
  }

  void put(long va, int newValue, int tlbRow) {
    int place = place(va);
    tag[place] = va & -4096;
    value[place] = newValue;
    row[place] = tlbRow;
  }

  void clear() {
    Arrays.fill(tag, EMPTY);
  }

  void dropPage(long va) {
    int place = place(va);
    if (tag[place] == (va & -4096)) {
      tag[place] = EMPTY;
    }
  }

  void dropRow(int tlbRow) {
    for (int place = 0; place < SIZE; place++) {
      if (row[place] == tlbRow) {
        tag[place] = EMPTY;
      }
    }
  }

  /** Drops every page whose value, relative to its address, leads into a frame. */
  void dropFrame(int frameIndex) {
    for (int place = 0; place < SIZE; place++) {
      if ((int) tag[place] + value[place] >>> 12 == frameIndex) {
        tag[place] = EMPTY;
      }
    }
  }
}
