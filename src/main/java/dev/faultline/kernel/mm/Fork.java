package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * Copies an address space for a child ({@code dup_mmap}): every VMA, but of the table entries only
 * those that a fault could not make again, and no page at all. A private page that was writable is
 * writable in neither afterwards; whoever writes first gets a copy, and whoever is left alone with
 * a frame keeps it.
 */
public final class Fork {
  private static final long NO_TABLE = -1;

  private final AddressSpaces spaces;
  private final FrameTable frames;
  private final SwapArea swap;
  private final TlbFlush flush;
  private final ChangeLog log;

  private long shared;
  private long cleared;

  /**
   * Which of the child's tables of the last level was looked up last, counted from address 0, and
   * where it lies. Pages are taken from the parent only when it changes.
   */
  private long table;

  private long tableAddress;

  public Fork(
      AddressSpaces spaces, FrameTable frames, SwapArea swap, TlbFlush flush, ChangeLog log) {
    this.spaces = spaces;
    this.frames = frames;
    this.swap = swap;
    this.flush = flush;
    this.log = log;
  }

  /**
   * The child's address space.
   *
   * @throws OutOfFrames when there is no frame for a table; the child is gone then, and the
   *     parent's entries that lost W get it back at the next write
   */
  public AddressSpace copy(AddressSpace parent, int childPid) {
    frames.reserve(() -> 1);
    AddressSpace child = spaces.make(childPid);
    child.inherit(parent);
    shared = 0;
    cleared = 0;
    try {
      for (Vma vma : parent.vmas().all()) {
        if (vma.has(VmFlag.DONTCOPY)) {
          continue;
        }
        if (vma.has(VmFlag.ACCOUNT) && !child.limits().mayPromise(vma.pages())) {
          throw new LinuxError(Errno.ENOMEM);
        }
        child.vmas().inherit(vma);
        if (vma.has(VmFlag.WIPEONFORK)) {
          continue;
        }
        // Without anonymous pages and guards, faults bring back everything that the parent had
        // mapped (vma_needs_copy).
        if (vma.anonVma() != 0 || vma.has(VmFlag.MAYBE_GUARD)) {
          copyEntries(parent, child, vma, vma.start(), vma.end());
        }
      }
    } catch (OutOfFrames | LinuxError none) {
      spaces.takeDown(child);
      throw none;
    } finally {
      flush.all(parent);
    }
    log.step(StepKind.FORKED, parent.vmas().size(), shared, cleared);
    return child;
  }

  private void copyEntries(AddressSpace parent, AddressSpace child, Vma vma, long start, long end) {
    table = NO_TABLE;
    parent
        .tables()
        .forEachPage(
            start,
            end,
            (va, parentAddress, before) -> {
              long entry = before;
              if (va / PagingMode.span(1) != table) {
                frames.reserve(() -> child.tables().missing(va));
                table = va / PagingMode.span(1);
                tableAddress = child.tables().findOrMake(va & -PagingMode.span(1));
                // The page may have been taken to make room for the child's tables.
                entry = parent.tables().load(parentAddress);
              }
              if (entry != 0) {
                copyEntry(parent, child, vma, va, parentAddress, entry);
                shared++;
              }
            },
            (va, parentAddress, before) -> shareSuperpage(parent, child, vma, va));
  }

  /** {@code copy_huge_pmd}: one entry for 512 frames, in the child too. */
  private void shareSuperpage(AddressSpace parent, AddressSpace child, Vma vma, long va) {
    frames.reserve(() -> child.tables().missing(va));
    long parentAddress = parent.tables().superpage(va);
    if (parentAddress < 0) {
      // It was split, because one of its pages was taken to make room for the child's tables.
      copyEntries(parent, child, vma, va, va + PagingMode.span(1));
      return;
    }
    long entry = parent.tables().load(parentAddress);
    long childAddress = child.tables().findOrMakeMiddle(va);
    child.tables().deposit(childAddress);
    long copied = entry & ~Entry.W;
    if (copied != entry) {
      log.step(StepKind.CLEARS_W, va);
      parent.tables().write(parentAddress, va, copied);
      cleared++;
    }
    log.step(StepKind.SHARES_SUPERPAGE, va, Entry.ppn(entry));
    frames.getSuperpage(Entry.ppn(entry));
    child.tables().write(childAddress, va, copied & ~Entry.A);
    shared++;
  }

  private void copyEntry(
      AddressSpace parent, AddressSpace child, Vma vma, long va, long parentAddress, long entry) {
    long childAddress = tableAddress + PagingMode.index(va, 0) * 8L;
    if (Entry.isSwapped(entry)) {
      long slot = Entry.slot(entry);
      log.step(StepKind.SHARES_SLOT, va, slot, swap.refs(slot) + 1);
      swap.get(slot, SwapArea.Holder.ENTRY);
      child.tables().write(childAddress, va, entry);
      return;
    }
    if (entry == Entry.GUARD) {
      log.step(StepKind.COPIES_GUARD, va);
      child.tables().write(childAddress, va, entry);
      return;
    }
    long copied = entry;
    if (!vma.isShared() && (entry & Entry.W) != 0) {
      copied = entry & ~Entry.W;
      log.step(StepKind.CLEARS_W, va);
      parent.tables().write(parentAddress, va, copied);
      cleared++;
    }
    long ppn = Entry.ppn(entry);
    log.step(StepKind.SHARES_FRAME, va, ppn, frames.refs(ppn) + 1);
    frames.get(ppn, Reference.MAPPING);
    child.tables().write(childAddress, va, copied & ~Entry.A);
  }
}
