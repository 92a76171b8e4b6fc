package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * Faults on anonymous memory that a single leaf of level 1 can map ({@code mm/huge_memory.c}): 512
 * frames that follow each other from a multiple of 512 on, so that one walk step less, one entry
 * and one TLB row serve 2 MiB.
 *
 * <p>Each of the 512 frames counts for itself: the leaf is one mapping reference of every one of
 * them, so that {@code refs = mappings + cached + pins + parent} holds for each, and splitting the
 * leaf into 512 small ones changes no count at all. Linux counts in the first frame and spreads the
 * counts when it splits.
 *
 * <p>A split must not fail, because it happens in the middle of {@code munmap} and the like. So the
 * table that it will need is taken together with the superpage and waits, pinned ({@code
 * pgtable_trans_huge_deposit}).
 *
 * <p>A read fault takes a superpage too, as Linux does with {@code use_zero_page} = 0.
 */
final class Superpages {
  private static final long SPAN = PagingMode.span(1);
  private static final int FRAMES = PagingMode.ENTRIES;

  private final FrameTable frames;
  private final LeafEntries leaves;
  private final Thp thp;
  private final TlbFlush flush;
  private final ChangeLog log;

  Superpages(FrameTable frames, LeafEntries leaves, Thp thp, TlbFlush flush, ChangeLog log) {
    this.frames = frames;
    this.leaves = leaves;
    this.thp = thp;
    this.flush = flush;
    this.log = log;
  }

  /**
   * Mends a fault with a superpage, if there is or may be one.
   *
   * @return false when it has to be mended with a small page
   * @throws OutOfFrames when there is no frame for a table
   */
  boolean mend(AddressSpace space, Vma vma, long va, Access access) {
    PageTables tables = space.tables();
    long entryAddress = tables.superpage(va);
    if (entryAddress >= 0) {
      return mendEntry(space, vma, va, entryAddress, access);
    }
    long start = va & -SPAN;
    if (!thp.allows(vma) || start < vma.start() || start + SPAN > vma.end()) {
      return false;
    }
    return tables.hasRoomForSuperpage(va) && map(space, vma, start);
  }

  private boolean map(AddressSpace space, Vma vma, long start) {
    PageTables tables = space.tables();
    long entryAddress = tables.findOrMakeMiddle(start);
    if (!frames.hasSuperpage()) {
      log.step(StepKind.NO_SUPERPAGE, start, frames.free());
      return false;
    }
    long first = frames.takeSuperpage(space.pid());
    if (frames.free() == 0) {
      // Not even the table for a split is left; a small page will do with less.
      frames.putSuperpage(first);
      log.step(StepKind.NO_SUPERPAGE, start, frames.free());
      return false;
    }
    log.step(StepKind.SUPERPAGE_FAULT, first, first + FRAMES - 1, start);
    tables.deposit(entryAddress);
    frames.zeroSuperpage(first);
    space.vmas().prepareAnonymous(vma);
    tables.write(entryAddress, start, leaves.writable(vma, first));
    return true;
  }

  /**
   * There is a superpage, but a bit of its leaf forbade the access ({@code do_huge_pmd_wp_page}).
   */
  private boolean mendEntry(
      AddressSpace space, Vma vma, long va, long entryAddress, Access access) {
    PageTables tables = space.tables();
    long entry = tables.load(entryAddress);
    long start = va & -SPAN;
    if (access != Access.STORE || (entry & Entry.W) != 0) {
      long marks = access == Access.STORE ? Entry.A | Entry.D : Entry.A;
      log.step((entry & marks) == marks ? StepKind.NEEDS_ROW_ONLY : StepKind.MARKS_ENTRY);
      tables.write(entryAddress, start, entry | marks);
    } else if (frames.isSuperpageAlone(Entry.ppn(entry))) {
      log.step(StepKind.REUSE, Entry.ppn(entry));
      tables.write(
          entryAddress,
          start,
          leaves.writable(vma, Entry.ppn(entry)) | entry & (Entry.A | Entry.D));
    } else {
      // Somebody else has these frames too: only the page that is written is copied.
      tables.split(va);
      return false;
    }
    flush.localPage(space, start);
    return true;
  }
}
