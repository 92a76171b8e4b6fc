package dev.faultline.kernel.mm;

import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * What {@code /proc/pid/pagemap} says of a page ({@code pte_to_pagemap_entry}). Nothing is soft
 * dirty: riscv64 does not track it.
 *
 * @param bits as Linux gives them
 * @param isZeroPage whether it is the shared zero page, which the bits do not tell
 */
public record PagemapEntry(long bits, boolean isZeroPage) {
  private static final long PRESENT = 1L << 63;
  private static final long SWAP = 1L << 62;
  private static final long FILE = 1L << 61;
  private static final long GUARD = 1L << 58;
  private static final long EXCLUSIVE = 1L << 56;
  private static final long PFN = (1L << 55) - 1;

  /** The lowest bits of a swap entry's number are the number of its swap area. */
  private static final int SWAP_AREA_BITS = 5;

  /** What a guard's entry says as a swap entry: area 31, slot 4. */
  private static final long GUARD_NUMBER = 4L << SWAP_AREA_BITS | 31;

  /** Told of each page that has an entry. */
  @FunctionalInterface
  public interface Visitor {
    void page(long va, PagemapEntry entry);
  }

  /** Visits the pages of a VMA that are present, swapped out or guards. */
  public static void forEach(Vma vma, FrameTable frames, Visitor visitor) {
    vma.space()
        .tables()
        .forEachPage(
            vma.start(),
            vma.end(),
            (va, at, entry) -> visitor.page(va, of(entry, frames)),
            (va, at, leaf) -> {
              for (int page = 0; page < PagingMode.ENTRIES; page++) {
                long entry = PageTables.small(leaf, page);
                visitor.page(va + page * PagingMode.span(0), of(entry, frames));
              }
            });
  }

  private static PagemapEntry of(long entry, FrameTable frames) {
    if (Entry.isSwapped(entry)) {
      return new PagemapEntry(SWAP | Entry.slot(entry) << SWAP_AREA_BITS, false);
    }
    if (entry == Entry.GUARD) {
      return new PagemapEntry(SWAP | GUARD | GUARD_NUMBER, false);
    }
    long ppn = Entry.ppn(entry);
    FrameKind kind = frames.kind(ppn);
    long bits = PRESENT | ppn | (kind == FrameKind.FILE ? FILE : 0);
    boolean zero = kind == FrameKind.ZERO;
    boolean alone = !zero && frames.count(ppn, Reference.MAPPING) == 1;
    return new PagemapEntry(alone ? bits | EXCLUSIVE : bits, zero);
  }

  public boolean isSwapped() {
    return (bits & SWAP) != 0 && !isGuard();
  }

  public boolean isGuard() {
    return (bits & GUARD) != 0;
  }

  public long slot() {
    return (bits & PFN) >>> SWAP_AREA_BITS;
  }

  public long pfn() {
    return bits & PFN;
  }

  public boolean isFile() {
    return (bits & FILE) != 0;
  }

  public boolean isExclusive() {
    return (bits & EXCLUSIVE) != 0;
  }
}
