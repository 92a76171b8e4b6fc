package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * Guard pages ({@code MADV_GUARD_INSTALL}): entries that say that any touch is a SIGSEGV. A
 * thread's stack can end in one without a VMA of its own. A guard outlives everything but its
 * removal and the VMA: advice, {@code mprotect}, a move, a cut of its file, and {@code fork} too.
 */
public final class Guards {
  private static final long PAGE = PagingMode.span(0);
  private static final long TABLE = PagingMode.span(1);

  private final FrameTable frames;
  private final Zap zap;
  private final ChangeLog log;
  private final Refusal refusal;

  private long removed;

  public Guards(FrameTable frames, Zap zap, ChangeLog log) {
    this.frames = frames;
    this.zap = zap;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /**
   * Makes guards of a range of one VMA; pages that are there go.
   *
   * @throws OutOfFrames when there is no frame for a table; guards before it stay
   */
  void install(Vma vma, long start, long end) {
    AddressSpace space = vma.space();
    if (vma.file() == null) {
      // So that fork copies the tables, in which alone the guards are.
      space.vmas().prepareAnonymous(vma);
    }
    space.vmas().setFlags(vma, vma.flags() | VmFlag.MAYBE_GUARD);
    long until = Populate.limit(start, end);
    long installed = 0;
    for (long at = start; at < until; ) {
      long next = Math.min(until, (at & -TABLE) + TABLE);
      installed += installUnderOneTable(space, at, next);
      at = next;
    }
    log.step(StepKind.INSTALLS_GUARDS, installed, start, until);
    if (until != end) {
      throw refusal.of(Errno.EAGAIN, StepKind.POPULATES_PART, Populate.MOST_PAGES);
    }
  }

  private long installUnderOneTable(AddressSpace space, long start, long end) {
    PageTables tables = space.tables();
    frames.reserve(() -> tables.missing(start));
    zap.range(space, start, end);
    long installed = 0;
    for (long va = start; va < end; va += PAGE) {
      long entryAddress = tables.findOrMake(va);
      if (tables.load(entryAddress) != Entry.GUARD) {
        tables.write(entryAddress, va, Entry.GUARD);
        installed++;
      }
    }
    return installed;
  }

  /** Guards of a range of one VMA become pages that nobody touched yet. */
  void remove(Vma vma, long start, long end) {
    removed = 0;
    PageTables tables = vma.space().tables();
    tables.forEachPage(
        start,
        end,
        (va, entryAddress, entry) -> {
          if (entry == Entry.GUARD) {
            tables.clear(entryAddress, va);
            removed++;
          }
        },
        (va, entryAddress, entry) -> {});
    log.step(StepKind.REMOVES_GUARDS, removed, start, end);
  }
}
