package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.ReadaheadState;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Objects;

/**
 * A read fault on a file page maps its neighbours too, as far as they are in the page cache already
 * ({@code do_fault_around}): the trap costs more than a few entries. Nothing is read for it, and a
 * write fault never does it, because a writer would only have to undo it.
 *
 * <p>The window has {@code faultAround} pages, begins at a multiple of as many and stays within the
 * VMA, the file and the one page table. Pages that carry the mark of {@link Readahead} are left
 * out: the fault on them is what goes on reading.
 */
final class FaultAround {
  private static final long PAGE = PhysicalMemory.FRAME_SIZE;

  private final FrameTable frames;
  private final PageCache cache;
  private final LeafEntries leaves;
  private final int pages;
  private final ChangeLog log;

  FaultAround(FrameTable frames, PageCache cache, LeafEntries leaves, int pages, ChangeLog log) {
    this.frames = frames;
    this.cache = cache;
    this.leaves = leaves;
    this.pages = pages;
    this.log = log;
  }

  /**
   * Maps what there is around an address.
   *
   * @param entryAddress where the entry of {@code va} is
   * @return true when the page of {@code va} itself is mapped now
   */
  boolean map(AddressSpace space, Vma vma, long va, long entryAddress) {
    if (pages <= 1) {
      return false;
    }
    RegularFile file = Objects.requireNonNull(vma.file());
    long page = va & -PAGE;
    long start = Math.max(va & -(pages * PAGE), vma.start());
    long table = va & -PagingMode.span(1);
    long end = Math.min(Math.min(start + pages * PAGE, table + PagingMode.span(1)), vma.end());
    end = Math.min(end, vma.start() + (file.pages() - vma.pageOffset()) * PAGE);
    long mapped = 0;
    long seen = 0;
    boolean mapsWanted = false;
    for (long at = start; at < end; at += PAGE) {
      long cached = cache.unmarked(file, vma.filePage(at));
      if (cached < 0) {
        continue;
      }
      seen++;
      long address = entryAddress + (at - page) / PAGE * 8;
      if (space.tables().load(address) == 0) {
        frames.get(cached, Reference.MAPPING);
        space.tables().write(address, at, leaves.readOnly(vma, cached));
        mapped++;
        mapsWanted |= at == page;
      }
    }
    ReadaheadState state = Objects.requireNonNull(vma.source()).readahead();
    state.setMisses((int) Math.max(state.misses() - seen, 0));
    if (mapped > 0) {
      log.step(StepKind.MAPS_AROUND, mapped, start, end);
    }
    return mapsWanted;
  }
}
