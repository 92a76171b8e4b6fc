package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Tlb;

/**
 * What makes the TLB forget translations whose entries have changed ({@code
 * arch/riscv/mm/tlbflush.c}). Whoever changes an entry calls it before anything relies on the
 * change.
 */
public final class TlbFlush {
  private final Tlb tlb;
  private final ChangeLog log;

  public TlbFlush(Tlb tlb, ChangeLog log) {
    this.tlb = tlb;
    this.log = log;
  }

  /** An entry allows more than before: a row that says less costs a fault, and no more. */
  void localPage(AddressSpace space, long va) {
    log.step(StepKind.FENCES, va, space.asid());
    tlb.fence(va, space.asid());
  }

  /** An entry allows less than before, or maps something else ({@code flush_tlb_page}). */
  void page(AddressSpace space, long va) {
    log.step(StepKind.FENCES, va, space.asid());
    tlb.fence(va, space.asid());
  }

  /**
   * Entries between two addresses have changed ({@code flush_tlb_range}); it costs one look at each
   * row, however long the range is.
   *
   * @param entries how many
   */
  void range(AddressSpace space, long start, long end, long entries) {
    log.step(StepKind.FENCES_CHANGED, entries, space.asid());
    tlb.fenceRange(start, end, space.asid());
  }

  /** The entries of these pages were cleared ({@code tlb_flush_mmu}). */
  void pages(AddressSpace space, long[] pages, int count) {
    log.step(StepKind.FENCES_RANGE, count, space.asid());
    for (int i = 0; i < count; i++) {
      tlb.fence(pages[i], space.asid());
    }
  }

  /** Any of its entries may have changed ({@code flush_tlb_mm}). */
  void all(AddressSpace space) {
    log.step(StepKind.FENCES_SPACE, space.asid());
    tlb.fence(space.asid());
  }
}
