package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.Harts;
import dev.faultline.machine.mmu.Tlb;
import java.util.function.ToIntFunction;

/**
 * What makes TLBs forget translations whose entries have changed ({@code
 * arch/riscv/mm/tlbflush.c}). Whoever changes an entry calls it before anything relies on the
 * change.
 *
 * <p>{@code sfence.vma} reaches the TLB of the hart that executes it and no other. So the kernel
 * remembers with each address space which harts have been in it ({@code mm_cpumask}). As ASIDs let
 * rows outlive a switch to another process, a hart stays there as long as the address space lives.
 * Those others are sent an interrupt, through the firmware (extension RFENCE of the SBI); each
 * fences, and the kernel goes on when all have: a TLB shootdown.
 *
 * <p>An entry that merely allows more than before needs none: an old row elsewhere forbids what is
 * allowed by now, and the fault that this costs finds nothing to mend but the row.
 */
public final class TlbFlush {
  private final Harts harts;
  private final ChangeLog log;

  public TlbFlush(Harts harts, ChangeLog log) {
    this.harts = harts;
    this.log = log;
  }

  /** An entry allows more than before ({@code local_flush_tlb_page}). */
  void localPage(AddressSpace space, long va) {
    log.step(StepKind.FENCES, va, space.asid());
    harts.tlb().fence(va, space.asid());
  }

  /** An entry allows less than before, or maps something else ({@code flush_tlb_page}). */
  void page(AddressSpace space, long va) {
    localPage(space, va);
    shootDown(space, tlb -> tlb.fence(va, space.asid()));
  }

  /**
   * Entries between two addresses have changed ({@code flush_tlb_range}); it costs one look at each
   * row, however long the range is.
   *
   * @param entries how many
   */
  void range(AddressSpace space, long start, long end, long entries) {
    log.step(StepKind.FENCES_CHANGED, entries, space.asid());
    harts.tlb().fenceRange(start, end, space.asid());
    shootDown(space, tlb -> tlb.fenceRange(start, end, space.asid()));
  }

  /** The entries of these pages were cleared ({@code tlb_flush_mmu}). */
  void pages(AddressSpace space, long[] pages, int count) {
    log.step(StepKind.FENCES_RANGE, count, space.asid());
    fence(harts.tlb(), space, pages, count);
    shootDown(space, tlb -> fence(tlb, space, pages, count));
  }

  private static int fence(Tlb tlb, AddressSpace space, long[] pages, int count) {
    int rows = 0;
    for (int i = 0; i < count; i++) {
      rows += tlb.fence(pages[i], space.asid());
    }
    return rows;
  }

  /** Any of its entries may have changed ({@code flush_tlb_mm}). */
  void all(AddressSpace space) {
    log.step(StepKind.FENCES_SPACE, space.asid());
    harts.tlb().fence(space.asid());
    shootDown(space, tlb -> tlb.fence(space.asid()));
  }

  /**
   * @param fence gives the number of rows that left
   */
  private void shootDown(AddressSpace space, ToIntFunction<Tlb> fence) {
    int sender = harts.current().number();
    int others = space.harts() & ~(1 << sender);
    if (others == 0) {
      return;
    }
    log.step(StepKind.SHOOTS_DOWN, sender, Integer.bitCount(others), space.asid());
    for (int number = 0; number < harts.count(); number++) {
      if ((others & 1 << number) != 0) {
        int rows = fence.applyAsInt(harts.tlb(number));
        log.step(StepKind.FENCES_FOR_ANOTHER, number, sender, rows);
      }
    }
  }
}
