package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Brings pages in before anyone asks for them ({@code populate_vma_page_range}): private writable
 * memory as if it were written, all other as if it were read.
 */
public final class Populate {
  /** The most pages that one call brings in; more would take seconds. */
  static final int MOST_PAGES = 65_536;

  private final PageFaults faults;
  private final ChangeLog log;

  public Populate(PageFaults faults, ChangeLog log) {
    this.faults = faults;
    this.log = log;
  }

  /** How far one call goes in a range. */
  static long limit(long start, long end) {
    long most = MOST_PAGES * 4096L;
    return Long.compareUnsigned(end - start, most) <= 0 ? end : start + most;
  }

  /**
   * Every VMA of a range as far as its pages can be had; holes and lack of frames do not matter.
   */
  void asFarAsPossible(AddressSpace space, long start, long end) {
    long until = limit(start, end);
    try {
      for (Vma vma = space.vmas().findFrom(start);
          vma != null && vma.start() < until;
          vma = space.vmas().findFrom(vma.end())) {
        populate(vma, Math.max(start, vma.start()), Math.min(until, vma.end()));
      }
    } catch (OutOfFrames none) {
      // The rest comes in when it is touched.
    }
    if (until != end) {
      log.step(StepKind.POPULATES_PART, MOST_PAGES);
    }
  }

  /**
   * The pages of a range of one VMA.
   *
   * @return why a page cannot be had, null when all are there
   * @throws OutOfFrames when there is no frame for one; those before it stay
   */
  Signal.@Nullable Code populate(Vma vma, long start, long end) {
    if (vma.has(VmFlag.LOCKONFAULT)) {
      return null;
    }
    Access access = accessOf(vma);
    return access == null ? Signal.Code.SEGV_ACCERR : populate(vma, start, end, access);
  }

  Signal.@Nullable Code populate(Vma vma, long start, long end, Access access) {
    AddressSpace space = vma.space();
    for (long va = start; va < end; va += 4096) {
      long entry = find(space, va);
      if (!Entry.isPresent(entry) || (entry & access.permission()) == 0) {
        Signal.Code code = faults.bringIn(space, va, access);
        if (code != null) {
          return code;
        }
      } else if (access == Access.STORE) {
        faults.keep(space, va, entry);
      }
    }
    return null;
  }

  private static @Nullable Access accessOf(Vma vma) {
    if (vma.isWritable() && !vma.isShared()) {
      return Access.STORE;
    }
    if (vma.has(VmFlag.READ | VmFlag.WRITE)) {
      return Access.LOAD;
    }
    return vma.prot() == Prot.EXEC ? Access.FETCH : null;
  }

  private static long find(AddressSpace space, long va) {
    long entryAddress = space.tables().find(va);
    return entryAddress < 0 ? 0 : space.tables().load(entryAddress);
  }
}
