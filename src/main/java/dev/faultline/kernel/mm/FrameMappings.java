package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Tlb;

/** What is done to all entries that map a frame, whosever they are ({@code mm/rmap.c}). */
public final class FrameMappings {
  private final ReverseMap reverse;
  private final Tlb tlb;
  private final ChangeLog log;

  public FrameMappings(ReverseMap reverse, Tlb tlb, ChangeLog log) {
    this.reverse = reverse;
    this.tlb = tlb;
    this.log = log;
  }

  /** Takes W and D from every entry, so that the next store is noticed ({@code folio_mkclean}). */
  void clean(long ppn) {
    reverse.forEachMapping(
        ppn,
        (tables, va, entryAddress, entry) -> {
          if ((entry & (Entry.W | Entry.D)) != 0) {
            tables.write(entryAddress, va, entry & ~(Entry.W | Entry.D));
            fence(tables, va);
          }
        });
  }

  private void fence(PageTables tables, long va) {
    int asid = tables.space().asid();
    log.step(StepKind.FENCES, va, asid);
    tlb.fence(va, asid);
  }
}
