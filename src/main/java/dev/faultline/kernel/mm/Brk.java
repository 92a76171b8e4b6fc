package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;

/** Moves the end of the heap ({@code brk(2)}, {@code mm/mmap.c}); refusals leave it where it is. */
public final class Brk {
  private static final int PAGE = 4096;

  private final Munmap munmap;
  private final Populate populate;
  private final ChangeLog log;

  public Brk(Munmap munmap, Populate populate, ChangeLog log) {
    this.munmap = munmap;
    this.populate = populate;
    this.log = log;
  }

  /** Where the end of the heap is afterwards. */
  public long brk(AddressSpace space, long wanted) {
    long old = space.brk();
    if (Long.compareUnsigned(wanted, space.heapStart()) < 0
        || Long.compareUnsigned(wanted, space.end() - PAGE) > 0) {
      log.step(StepKind.KEEPS_BRK, old);
      return old;
    }
    if (Long.compareUnsigned(wanted - space.heapStart(), space.limits().rlimits().soft(Rlimit.DATA))
        > 0) {
      log.step(StepKind.KEEPS_BRK, old);
      return old;
    }
    long newEnd = wanted + PAGE - 1 & -PAGE;
    long oldEnd = old + PAGE - 1 & -PAGE;
    boolean granted = true;
    if (newEnd < oldEnd) {
      granted = shrink(space, newEnd, oldEnd);
    } else if (newEnd > oldEnd) {
      granted = grow(space, oldEnd, newEnd);
    }
    if (!granted) {
      log.step(StepKind.KEEPS_BRK, old);
      return old;
    }
    log.step(StepKind.MOVES_BRK, old, wanted);
    space.setBrk(wanted);
    return wanted;
  }

  private boolean shrink(AddressSpace space, long newEnd, long oldEnd) {
    Vma heap = space.vmas().findFrom(newEnd);
    if (heap == null || heap.start() >= oldEnd) {
      return false;
    }
    try {
      munmap.makeRoom(space, newEnd, oldEnd);
    } catch (LinuxError sealed) {
      return false;
    }
    return true;
  }

  private boolean grow(AddressSpace space, long oldEnd, long newEnd) {
    Vma next = space.vmas().findFrom(oldEnd);
    if (next != null) {
      if (newEnd + PAGE > next.startGap()) {
        return false;
      }
    }
    long flags = VmFlag.READ | VmFlag.WRITE | VmFlag.ACCOUNT | space.defaultFlags();
    long pages = newEnd - oldEnd >>> 12;
    if (!space.limits().mayLock(flags, pages)
        || !space.limits().mayExpand(flags, pages)
        || space.vmas().size() > Mmap.MAX_MAP_COUNT
        || !space.limits().mayPromise(pages)) {
      return false;
    }
    space.vmas().cover(oldEnd, newEnd, flags, null, oldEnd >>> 12);
    if ((flags & VmFlag.LOCKED) != 0) {
      populate.asFarAsPossible(space, oldEnd, newEnd);
    }
    return true;
  }
}
