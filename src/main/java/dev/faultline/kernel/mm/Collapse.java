package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;

/**
 * Makes superpages of small pages at once ({@code MADV_COLLAPSE}, {@code mm/khugepaged.c}),
 * whatever {@link Thp} says: 512 new frames that follow each other take copies of what there is,
 * from frames and swap slots alike, and zeroes for the rest. The table that is left empty waits for
 * a split.
 */
public final class Collapse {
  private static final long SPAN = PagingMode.span(1);

  private final FrameTable frames;
  private final SwapArea swap;
  private final Zap zap;
  private final LeafEntries leaves;
  private final ChangeLog log;
  private final Refusal refusal;

  public Collapse(FrameTable frames, SwapArea swap, Zap zap, AdBits adBits, ChangeLog log) {
    this.frames = frames;
    this.leaves = new LeafEntries(adBits);
    this.swap = swap;
    this.zap = zap;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** Collapses every aligned 2 MiB that lie in a range of one VMA. */
  void collapse(Vma vma, long start, long end) {
    long from = start + SPAN - 1 & -SPAN;
    long until = end & -SPAN;
    if (from > until || !isSuitable(vma)) {
      throw refuse(start, end);
    }
    // What nobody has touched yet is left, and what follows it is collapsed all the same.
    boolean all = true;
    for (long at = from; at < until; at += SPAN) {
      PageTables tables = vma.space().tables();
      if (tables.superpage(at) >= 0) {
        continue;
      }
      if (tables.find(at) < 0) {
        all = false;
      } else {
        collapse(vma, at);
      }
    }
    if (!all) {
      throw refuse(from, until);
    }
  }

  private static boolean isSuitable(Vma vma) {
    boolean hasRoom = (vma.end() & -SPAN) - SPAN >= vma.start();
    return vma.file() == null && hasRoom && !vma.has(VmFlag.NOHUGEPAGE);
  }

  private RuntimeException refuse(long start, long end) {
    return refusal.of(Errno.EINVAL, StepKind.CANNOT_COLLAPSE, start, end);
  }

  private void collapse(Vma vma, long start) {
    PageTables tables = vma.space().tables();
    if (vma.anonVma() == 0 || hasGuard(tables, start)) {
      throw refuse(start, start + SPAN);
    }
    if (!frames.hasSuperpage()) {
      throw refusal.of(Errno.ENOMEM, StepKind.NO_ROOM_TO_COLLAPSE, frames.free());
    }
    long first = frames.takeSuperpage(vma.space().pid());
    frames.zeroSuperpage(first);
    long copied = 0;
    for (int page = 0; page < PagingMode.ENTRIES; page++) {
      long entry = tables.load(tables.find(start + page * PagingMode.span(0)));
      copied += copy(entry, first + page) ? 1 : 0;
    }
    log.step(StepKind.COLLAPSES, start, first, first + PagingMode.ENTRIES - 1, copied);
    zap.range(vma.space(), start, start + SPAN);
    tables.write(tables.depositEmptied(start), start, leaves.writable(vma, first));
  }

  private static boolean hasGuard(PageTables tables, long start) {
    for (long va = start; va < start + SPAN; va += PagingMode.span(0)) {
      if (tables.load(tables.find(va)) == Entry.GUARD) {
        return true;
      }
    }
    return false;
  }

  private boolean copy(long entry, long ppn) {
    if (Entry.isSwapped(entry)) {
      swap.read(Entry.slot(entry), ppn);
      return true;
    }
    if (entry == 0 || frames.kind(Entry.ppn(entry)) == FrameKind.ZERO) {
      return false;
    }
    frames.copy(Entry.ppn(entry), ppn);
    return true;
  }
}
