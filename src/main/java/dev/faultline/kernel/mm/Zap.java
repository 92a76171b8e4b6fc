package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Arrays;

/**
 * Takes pages out of an address space ({@code zap_page_range}): clears entries, fences, and only
 * when no TLB can reach them any more lets go of the frames ({@code mmu_gather}).
 */
public final class Zap {
  private final FrameTable frames;
  private final SwapArea swap;
  private final TlbFlush flush;
  private final ChangeLog log;

  /** Pages whose entries were cleared, and the frames they mapped, until the TLB is flushed. */
  private long[] clearedPages = new long[64];

  private long[] clearedFrames = new long[64];
  private int cleared;

  public Zap(FrameTable frames, SwapArea swap, TlbFlush flush, ChangeLog log) {
    this.frames = frames;
    this.swap = swap;
    this.flush = flush;
    this.log = log;
  }

  /** Clears the entries of a range and lets go of what they mapped; guards stay. */
  void range(AddressSpace space, long start, long end) {
    space
        .tables()
        .forEachPage(
            start,
            end,
            (va, at, entry) -> {
              if (entry != Entry.GUARD) {
                clear(space, va, at, entry);
              }
            },
            (va, at, entry) -> clearSuperpage(space, va, at, entry));
    flush(space);
  }

  /** Clears the entries of a range that map pages of a file, and no private copy. */
  void cachedPages(AddressSpace space, long start, long end) {
    space
        .tables()
        .forEachLeaf(
            start,
            end,
            (va, at, entry) -> {
              if (frames.kind(Entry.ppn(entry)) == FrameKind.FILE) {
                clear(space, va, at, entry);
              }
            });
    flush(space);
  }

  /** Clears the entries of a range, guards too; {@link #flush} must follow. */
  void gather(AddressSpace space, long start, long end) {
    space
        .tables()
        .forEachPage(
            start,
            end,
            (va, at, entry) -> clear(space, va, at, entry),
            (va, at, entry) -> clearSuperpage(space, va, at, entry));
  }

  /** {@code zap_huge_pmd}: one entry, 512 frames. */
  private void clearSuperpage(AddressSpace space, long va, long entryAddress, long entry) {
    log.step(StepKind.CLEARS_SUPERPAGE, va, Entry.ppn(entry));
    space.tables().clear(entryAddress, va);
    for (int page = 0; page < PagingMode.ENTRIES; page++) {
      gather(va + page * PagingMode.span(0), Entry.ppn(entry) + page);
    }
  }

  private void clear(AddressSpace space, long va, long entryAddress, long entry) {
    if (Entry.isSwapped(entry)) {
      letGo(space, va, entryAddress, entry);
      return;
    }
    if (entry == Entry.GUARD) {
      space.tables().clear(entryAddress, va);
      return;
    }
    log.step(StepKind.CLEARS_ENTRY, va, Entry.ppn(entry));
    space.tables().clear(entryAddress, va);
    gather(va, Entry.ppn(entry));
  }

  private void gather(long va, long ppn) {
    if (cleared == clearedPages.length) {
      clearedPages = Arrays.copyOf(clearedPages, cleared * 2);
      clearedFrames = Arrays.copyOf(clearedFrames, cleared * 2);
    }
    clearedPages[cleared] = va;
    clearedFrames[cleared++] = ppn;
  }

  /** Clears the entry of a swapped-out page, which no TLB knows, and lets go of its slot. */
  void letGo(AddressSpace space, long va, long entryAddress, long entry) {
    log.step(StepKind.CLEARS_SWAPPED, va, Entry.slot(entry));
    space.tables().clear(entryAddress, va);
    swap.put(Entry.slot(entry), SwapArea.Holder.ENTRY);
  }

  void flush(AddressSpace space) {
    if (cleared > 0) {
      flush.pages(space, clearedPages, cleared);
    }
    long kept = 0;
    long freed = 0;
    for (int i = 0; i < cleared; i++) {
      long ppn = clearedFrames[i];
      long refs = frames.refs(ppn) - 1;
      kept += frames.count(ppn, Reference.CACHE);
      freed += refs == 0 ? 1 : 0;
      log.step(StepKind.UNMAPS_FRAME, ppn, refs);
      frames.put(ppn, Reference.MAPPING);
    }
    if (cleared > 0) {
      log.step(StepKind.UNMAPPED, cleared, freed, kept);
    }
    cleared = 0;
  }
}
