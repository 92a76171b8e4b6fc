package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.log.Signal;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Brings pages in before anyone asks for them ({@code populate_vma_page_range}): private writable
 * memory as if it were written, all other as if it were read.
 */
public final class Populate {
  private final PageFaults faults;

  public Populate(PageFaults faults) {
    this.faults = faults;
  }

  /**
   * Every VMA of a range as far as its pages can be had; holes and lack of frames do not matter.
   */
  void asFarAsPossible(AddressSpace space, long start, long end) {
    try {
      for (Vma vma = space.vmas().findFrom(start);
          vma != null && vma.start() < end;
          vma = space.vmas().findFrom(vma.end())) {
        populate(vma, Math.max(start, vma.start()), Math.min(end, vma.end()));
      }
    } catch (OutOfFrames none) {
      // The rest comes in when it is touched.
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
      if (!isThere(space, va, access)) {
        Signal.Code code = faults.handle(space, va, access);
        if (code != null) {
          return code;
        }
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

  private static boolean isThere(AddressSpace space, long va, Access access) {
    long entryAddress = space.tables().find(va);
    long entry = entryAddress < 0 ? 0 : space.tables().load(entryAddress);
    return Entry.isPresent(entry) && (entry & access.permission()) != 0;
  }
}
