package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;

/**
 * What a process says it will not need soon, or not at all ({@code MADV_COLD}, {@code
 * MADV_PAGEOUT}, {@code MADV_FREE}). The first two leave pages alone that others map too.
 */
public final class Cooling {
  private final FrameTable frames;
  private final FrameMappings mappings;
  private final Reclaim reclaim;
  private final Zap zap;
  private final TlbFlush flush;
  private final ChangeLog log;
  private long pages;

  public Cooling(
      FrameTable frames,
      FrameMappings mappings,
      Reclaim reclaim,
      Zap zap,
      TlbFlush flush,
      ChangeLog log) {
    this.frames = frames;
    this.mappings = mappings;
    this.reclaim = reclaim;
    this.zap = zap;
    this.flush = flush;
    this.log = log;
  }

  /** {@code MADV_COLD}: the pages stay, but are the next to go. */
  void cool(Vma vma, long start, long end) {
    pages = 0;
    PageTables tables = vma.space().tables();
    tables.forEachLeaf(
        start,
        end,
        (va, entryAddress, entry) -> {
          long ppn = Entry.ppn(entry);
          EvictionOrder order = frames.order(ppn);
          if (order != null && isOnlyMappedHere(ppn)) {
            takeBits(tables, va, entryAddress, entry, Entry.A);
            order.deactivate((int) ppn);
            pages++;
          }
        });
    log.step(StepKind.COOLS, pages);
  }

  /** {@code MADV_PAGEOUT}: the pages go now. */
  void pageOut(Vma vma, long start, long end) {
    pages = 0;
    vma.space()
        .tables()
        .forEachLeaf(
            start,
            end,
            (va, entryAddress, entry) -> pages += reclaim.pageOut(Entry.ppn(entry)) ? 1 : 0);
    log.step(StepKind.PAGES_OUT, pages);
  }

  /**
   * {@code MADV_FREE}: the pages may be dropped from now on, until they are written again, which D
   * will tell; what is swapped out already is dropped at once. A page that another process has
   * locked loses its marks alone.
   */
  void giveUp(Vma vma, long start, long end) {
    pages = 0;
    AddressSpace space = vma.space();
    PageTables tables = space.tables();
    tables.forEachPage(
        start,
        end,
        (va, entryAddress, entry) -> {
          if (Entry.isSwapped(entry)) {
            zap.letGo(space, va, entryAddress, entry);
            pages++;
            return;
          }
          long ppn = Entry.ppn(entry);
          if (Entry.isPresent(entry) && frames.kind(ppn) == FrameKind.ANON && mayBeGivenUp(ppn)) {
            takeBits(tables, va, entryAddress, entry, Entry.A | Entry.D);
            if (!mappings.areLocked(ppn)) {
              frames.setLazy(ppn, true);
              pages++;
            }
          }
        });
    log.step(StepKind.GIVES_UP, pages);
  }

  /**
   * A page that others map too is kept by the D of their entries, unless it came back from swap:
   * then D does not tell that it is the only copy.
   */
  private boolean mayBeGivenUp(long ppn) {
    return isOnlyMappedHere(ppn) || frames.isLazy(ppn) || mappings.haveAny(ppn, Entry.D);
  }

  private boolean isOnlyMappedHere(long ppn) {
    return frames.count(ppn, Reference.MAPPING) == 1;
  }

  private void takeBits(PageTables tables, long va, long entryAddress, long entry, long bits) {
    if ((entry & bits) != 0) {
      tables.write(entryAddress, va, entry & ~bits);
      flush.page(tables.space(), va);
    }
  }
}
