package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;

/** What is done to all entries that map a frame, whosever they are ({@code mm/rmap.c}). */
public final class FrameMappings {
  private final ReverseMap reverse;
  private final FrameTable frames;
  private final TlbFlush flush;
  private final ChangeLog log;
  private int found;

  public FrameMappings(ReverseMap reverse, FrameTable frames, TlbFlush flush, ChangeLog log) {
    this.reverse = reverse;
    this.frames = frames;
    this.flush = flush;
    this.log = log;
  }

  /** Takes W and D from every entry, so that the next store is noticed ({@code folio_mkclean}). */
  void clean(long ppn) {
    reverse.forEachMapping(
        ppn,
        (tables, va, entryAddress, entry) -> {
          if ((entry & (Entry.W | Entry.D)) != 0) {
            tables.write(entryAddress, va, entry & ~(Entry.W | Entry.D));
            flush.page(tables.space(), va);
          }
        });
  }

  /**
   * Takes A from every entry, and gives how many had it ({@code folio_referenced}). Their rows
   * leave the TLB, so that the next use sets A again; Linux leaves them there.
   */
  int takeReferences(long ppn) {
    found = 0;
    reverse.forEachMapping(
        ppn,
        (tables, va, entryAddress, entry) -> {
          if ((entry & Entry.A) != 0) {
            tables.write(entryAddress, va, entry & ~Entry.A);
            flush.page(tables.space(), va);
            found++;
          }
        });
    return found;
  }

  /** Whether any entry has some of these bits. */
  boolean haveAny(long ppn, long bits) {
    found = 0;
    reverse.forEachMapping(
        ppn, (tables, va, entryAddress, entry) -> found += (entry & bits) != 0 ? 1 : 0);
    return found > 0;
  }

  /** Whether the frame is mapped in a VMA that is locked in memory. */
  boolean areLocked(long ppn) {
    found = 0;
    reverse.forEachMapping(
        ppn,
        (tables, va, entryAddress, entry) -> {
          Vma vma = tables.space().find(va);
          found += vma != null && vma.has(VmFlag.LOCKED) ? 1 : 0;
        });
    return found > 0;
  }

  /**
   * Takes the frame from everybody ({@code try_to_unmap}); an anonymous frame is free then.
   *
   * @param replacement what the entries say afterwards: nothing, or in which slot the page is
   */
  void unmap(long ppn, long replacement) {
    reverse.forEachSuperpage(ppn, (tables, va, entryAddress, entry) -> tables.split(va));
    reverse.forEachMapping(
        ppn,
        (tables, va, entryAddress, entry) -> {
          if (replacement == 0) {
            log.step(StepKind.CLEARS_ENTRY, va, ppn);
            tables.clear(entryAddress, va);
          } else {
            tables.write(entryAddress, va, replacement);
          }
          flush.page(tables.space(), va);
          log.step(StepKind.UNMAPS_FRAME, ppn, frames.refs(ppn) - 1);
          frames.put(ppn, Reference.MAPPING);
        });
  }
}
