package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.fs.Backing;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mends page faults ({@code mm/memory.c}, {@code handle_mm_fault}): one entry, so that the same
 * instruction can run again.
 *
 * <p>An entry may allow no more than its VMA does. It allows nothing where it is a guard, and less
 * than the VMA in four cases, each of which a later fault resolves: nothing was touched yet (the
 * entry is 0); the page is swapped out (the entry names its slot); a private page is still somebody
 * else's, the page cache's or the zero page (W is clear, a write copies); a shared page is still
 * clean (W is clear, a write marks it dirty).
 *
 * <p>Every frame that is needed is reserved before anything is looked at, so that {@link
 * OutOfFrames} leaves all as it was, and no page goes away while it is worked on.
 */
public final class PageFaults {
  private final FrameTable frames;
  private final PageCache cache;
  private final SwapArea swap;
  private final TlbFlush flush;
  private final Readahead readahead;
  private final FaultAround around;
  private final Superpages superpages;
  private final LeafEntries leaves;
  private final ChangeLog log;
  private final long zeroFrame;

  public PageFaults(
      FrameTable frames,
      PageCache cache,
      SwapArea swap,
      Readahead readahead,
      PhysicalMemory memory,
      TlbFlush flush,
      AdBits adBits,
      int faultAround,
      Thp thp,
      ChangeLog log) {
    this.frames = frames;
    this.cache = cache;
    this.swap = swap;
    this.flush = flush;
    this.readahead = readahead;
    leaves = new LeafEntries(adBits);
    around = new FaultAround(frames, cache, leaves, faultAround, log);
    superpages = new Superpages(frames, leaves, thp, flush, log);
    this.log = log;
    zeroFrame = frames.take(FrameKind.ZERO, Reference.PIN, 0);
    memory.zeroFrame(zeroFrame);
  }

  /**
   * As {@link #handle}, for a page that nobody is about to use: the kernel itself sets the D that a
   * retried store would, but not A, as nobody has used the page.
   */
  Signal.@Nullable Code bringIn(AddressSpace space, long va, Access access) {
    leaves.markAhead(access == Access.STORE ? Entry.D : 0);
    try {
      return handle(space, va, access);
    } finally {
      leaves.markAhead(0);
    }
  }

  /**
   * A page that is there and may be written is wanted for writing: MADV_FREE no longer lets it be
   * dropped ({@code FOLL_TOUCH}, by which Linux marks the page dirty and not its entry).
   */
  void keep(AddressSpace space, long va, long entry) {
    long ppn = space.tables().ppn(va, entry);
    if (frames.kind(ppn) == FrameKind.ANON) {
      frames.setLazy(ppn, false);
    }
  }

  /**
   * How often a page was read from the disk or from swap; a fault that adds to it is a major one.
   */
  public long diskReads() {
    return cache.diskReads() + swap.reads();
  }

  /** Why a fault cannot be mended; null when it was. */
  public Signal.@Nullable Code handle(AddressSpace space, long va, Access access) {
    Vma vma = StackGrowth.find(space, va, log);
    if (vma == null) {
      log.step(StepKind.NO_VMA, va);
      return Signal.Code.SEGV_MAPERR;
    }
    RegularFile file = vma.file();
    log.step(
        StepKind.FINDS_VMA,
        vma.start(),
        vma.end(),
        vma.prot(),
        vma.isShared() ? 1 : 0,
        file == null ? 0 : file.pathNumber(),
        va);
    if (!allows(vma, access)) {
      log.step(StepKind.VMA_FORBIDS, vma.start(), vma.end(), vma.prot(), access.ordinal());
      return Signal.Code.SEGV_ACCERR;
    }
    frames.reserveForFault(() -> needed(vma, va, access));
    if (superpages.mend(space, vma, va, access)) {
      return null;
    }
    long entryAddress = space.tables().findOrMake(va);
    long entry = space.tables().load(entryAddress);
    if (entry == Entry.GUARD) {
      log.step(StepKind.GUARD_PAGE, va);
      return Signal.Code.SEGV_MAPERR;
    }
    if (Entry.isPresent(entry)) {
      mendEntry(space, vma, va, entryAddress, entry, access);
      return null;
    }
    if (entry != 0) {
      swapIn(space, vma, va, entryAddress, entry);
      return null;
    }
    if (file == null) {
      mapAnonymous(space, vma, va, entryAddress, access);
      return null;
    }
    if (access == Access.STORE && !vma.isShared()) {
      // Linux does so before it looks at the file; it decides what merges later (do_cow_fault).
      space.vmas().prepareAnonymous(vma);
    }
    if (access != Access.STORE && around.map(space, vma, va, entryAddress)) {
      return null;
    }
    if (vma.filePage(va) >= file.pages()) {
      log.step(StepKind.PAST_END, vma.filePage(va), file.pathNumber(), file.size());
      return Signal.Code.BUS_ADRERR;
    }
    if (!mayBringIn(space, file, vma.filePage(va))) {
      return Signal.Code.BUS_ADRERR;
    }
    mapFilePage(space, vma, file, va, entryAddress, access);
    return null;
  }

  /** Whether a page may come that counts as promised from then on; tells why not. */
  private boolean mayBringIn(AddressSpace space, RegularFile file, long page) {
    return file.backing() != Backing.BY_PAGE
        || !cache.isHole(file, page)
        || space.limits().mayPromise(1);
  }

  private static boolean allows(Vma vma, Access access) {
    return switch (access) {
      // PROT_WRITE implies readable: W without R is a reserved encoding.
      case LOAD -> (vma.prot() & (Prot.READ | Prot.WRITE)) != 0;
      case STORE -> (vma.prot() & Prot.WRITE) != 0;
      case FETCH -> (vma.prot() & Prot.EXEC) != 0;
    };
  }

  /** How many frames mending a fault takes, for tables and for pages. */
  private int needed(Vma vma, long va, Access access) {
    PageTables tables = vma.space().tables();
    int missing = tables.missing(va);
    long entry = missing > 0 ? 0 : tables.load(tables.find(va));
    RegularFile file = vma.file();
    boolean isPrivateWrite = access == Access.STORE && !vma.isShared();
    if (Entry.isSwapped(entry)) {
      return 1;
    }
    if (entry == Entry.GUARD) {
      return 0;
    }
    if (entry != 0) {
      boolean copies = (entry & Entry.W) == 0 && isPrivateWrite && !isOwn(tables.ppn(va, entry));
      return copies ? 1 : 0;
    }
    if (file == null) {
      return isPrivateWrite ? missing + 1 : missing;
    }
    int cached = cache.holds(file, vma.filePage(va)) ? 0 : 1;
    return missing + cached + (isPrivateWrite ? 1 : 0);
  }

  /** A private page that nobody else refers to. */
  private boolean isOwn(long ppn) {
    return frames.kind(ppn) == FrameKind.ANON && frames.refs(ppn) == 1;
  }

  /**
   * Brings a page back from its slot ({@code do_swap_page}) into a frame that is this process's
   * alone, so that it can be written at once.
   */
  private void swapIn(AddressSpace space, Vma vma, long va, long entryAddress, long entry) {
    long slot = Entry.slot(entry);
    log.step(StepKind.SWAPPED_OUT, entry, slot);
    long ppn =
        frames.take(
            FrameKind.ANON, Reference.MAPPING, space.pid(), swap.inode(slot), swap.page(slot), 0);
    swap.read(slot, ppn);
    space.tables().write(entryAddress, va, leaves.writable(vma, ppn));
    swap.put(slot, SwapArea.Holder.ENTRY);
  }

  /**
   * Brings back the swapped-out pages of a range, as long as frames are free ({@code
   * swapin_walk_pmd_entry}).
   */
  void swapIn(Vma vma, long start, long end) {
    AddressSpace space = vma.space();
    space
        .tables()
        .forEachPage(
            start,
            end,
            (va, entryAddress, entry) -> {
              if (Entry.isSwapped(entry) && frames.spare() > 0) {
                swapIn(space, vma, va, entryAddress, entry);
              }
            },
            (va, entryAddress, entry) -> {});
  }

  private void mapAnonymous(
      AddressSpace space, Vma vma, long va, long entryAddress, Access access) {
    if (access == Access.STORE) {
      log.step(StepKind.ANONYMOUS_WRITE);
      long ppn = takeZeroed(space);
      space.vmas().prepareAnonymous(vma);
      space.tables().write(entryAddress, va, leaves.writable(vma, ppn));
    } else {
      log.step(StepKind.ZERO_PAGE, zeroFrame);
      frames.get(zeroFrame, Reference.MAPPING);
      space.tables().write(entryAddress, va, leaves.readOnly(vma, zeroFrame));
    }
  }

  private long takeZeroed(AddressSpace space) {
    long ppn = frames.take(FrameKind.ANON, Reference.MAPPING, space.pid());
    frames.zero(ppn);
    return ppn;
  }

  private void mapFilePage(
      AddressSpace space, Vma vma, RegularFile file, long va, long entryAddress, Access access) {
    long page = vma.filePage(va);
    long cached = readahead.frameForFault(vma, page);
    if (access == Access.STORE && !vma.isShared()) {
      log.step(StepKind.COPY_ON_WRITE);
      long copy = takeCopy(space, file.number(), page, cached);
      log.step(StepKind.MAPS_COPY, copy, cached, frames.refs(cached));
      space.vmas().prepareAnonymous(vma);
      space.tables().write(entryAddress, va, leaves.writable(vma, copy));
      return;
    }
    long leaf;
    if (access == Access.STORE) {
      log.step(StepKind.SHARED_WRITE, page);
      cache.markDirty(file, page);
      leaf = leaves.writable(vma, cached);
    } else {
      log.step(StepKind.FILE_READ, cached);
      leaf = leaves.readOnly(vma, cached);
    }
    frames.get(cached, Reference.MAPPING);
    space.tables().write(entryAddress, va, leaf);
  }

  private long takeCopyOf(AddressSpace space, Vma vma, long va, long ppn) {
    RegularFile file = vma.file();
    return file == null
        ? takeCopy(space, 0, 0, ppn)
        : takeCopy(space, file.number(), vma.filePage(va), ppn);
  }

  private long takeCopy(AddressSpace space, long inode, long page, long from) {
    long copy = frames.take(FrameKind.ANON, Reference.MAPPING, space.pid(), inode, page, from);
    frames.copy(from, copy);
    return copy;
  }

  /** The entry is valid, but a bit of it forbade the access. */
  private void mendEntry(
      AddressSpace space, Vma vma, long va, long entryAddress, long entry, Access access) {
    if (access != Access.STORE || (entry & Entry.W) != 0) {
      long marks = access == Access.STORE ? Entry.A | Entry.D : Entry.A;
      log.step((entry & marks) == marks ? StepKind.NEEDS_ROW_ONLY : StepKind.MARKS_ENTRY);
      allowMore(space, va, entryAddress, entry | marks);
      return;
    }
    long ppn = Entry.ppn(entry);
    if (vma.isShared()) {
      log.step(StepKind.SHARED_WRITE, vma.filePage(va));
      cache.markDirty(Objects.requireNonNull(vma.file()), vma.filePage(va));
      allowMore(space, va, entryAddress, leaves.writable(vma, ppn) | Entry.A);
      return;
    }
    if (isOwn(ppn)) {
      log.step(StepKind.REUSE, ppn);
      allowMore(space, va, entryAddress, leaves.writable(vma, ppn) | entry & (Entry.A | Entry.D));
      return;
    }
    log.step(StepKind.COPY_ON_WRITE);
    long copy = ppn == zeroFrame ? takeZeroed(space) : takeCopyOf(space, vma, va, ppn);
    space.vmas().prepareAnonymous(vma);
    replace(space, va, entryAddress, ppn, copy, leaves.writable(vma, copy));
  }

  /** A page parts from the others that map what it was copied from. */
  private void replace(
      AddressSpace space, long va, long entryAddress, long ppn, long copy, long leaf) {
    space.tables().write(entryAddress, va, leaf);
    flush.page(space, va & -PhysicalMemory.FRAME_SIZE);
    long refs = frames.refs(ppn);
    log.step(StepKind.REFS_PARTED, ppn, refs, refs - 1, copy);
    frames.put(ppn, Reference.MAPPING);
  }

  /**
   * Gives the process a private page of its own that others still map, before the kernel pins it
   * for reading ({@code gup_must_unshare}, {@code FAULT_FLAG_UNSHARE}). W stays clear. When frames
   * are short the page may be swapped out instead.
   */
  void unshare(Vma vma, long va) {
    AddressSpace space = vma.space();
    frames.reserveForFault(() -> mustUnshare(space, va) ? 1 : 0);
    if (mustUnshare(space, va)) {
      log.step(StepKind.UNSHARES);
      // The last level's: a superpage is split, and only this page is copied.
      long entryAddress = space.tables().findOrMake(va);
      long ppn = Entry.ppn(space.tables().load(entryAddress));
      long copy = takeCopyOf(space, vma, va, ppn);
      replace(space, va, entryAddress, ppn, copy, leaves.readOnly(vma, copy));
    }
  }

  private boolean mustUnshare(AddressSpace space, long va) {
    long entry = space.tables().load(space.tables().find(va));
    long ppn = space.tables().ppn(va, entry);
    return Entry.isPresent(entry)
        && (entry & Entry.W) == 0
        && frames.kind(ppn) == FrameKind.ANON
        && frames.refs(ppn) > 1;
  }

  /** The entry maps what it mapped, and allows more. */
  private void allowMore(AddressSpace space, long va, long entryAddress, long entry) {
    space.tables().write(entryAddress, va, entry);
    flush.localPage(space, va & -PhysicalMemory.FRAME_SIZE);
  }

  /**
   * The eager strategy: gives the process a copy of every page of a private file mapping that lies
   * within the file.
   *
   * @return how many pages were copied
   * @throws OutOfFrames when frames run out; what was mapped by then is the caller's to unmap
   */
  long copyPrivately(AddressSpace space, long start, long end) {
    Vma vma = Objects.requireNonNull(space.find(start));
    RegularFile file = Objects.requireNonNull(vma.file());
    if (vma.prot() == Prot.NONE) {
      return 0;
    }
    long copied = 0;
    for (long va = start;
        va < end && vma.filePage(va) < file.pages();
        va += PhysicalMemory.FRAME_SIZE) {
      long at = va;
      frames.reserveGently(() -> needed(vma, at, Access.STORE));
      long entryAddress = space.tables().findOrMake(va);
      long page = vma.filePage(va);
      long copy = takeCopy(space, file.number(), page, cache.frame(file, page));
      space.vmas().prepareAnonymous(vma);
      space.tables().write(entryAddress, va, leaves.writable(vma, copy));
      copied++;
    }
    return copied;
  }
}
