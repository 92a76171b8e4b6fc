package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.Objects;

/** Locks memory ({@code mm/mlock.c}): a flag of its VMAs, and all of its pages brought in. */
public final class Mlock {
  /** {@code MLOCK_ONFAULT}: pages are locked when they come in, and are not brought in. */
  public static final int ONFAULT = 1;

  /** Flags of {@code mlockall(2)}. */
  public static final int ALL_CURRENT = 1;

  public static final int ALL_FUTURE = 2;
  public static final int ALL_ONFAULT = 4;

  private final Populate populate;
  private final Refusal refusal;

  public Mlock(Populate populate, ChangeLog log) {
    this.populate = populate;
    this.refusal = new Refusal(log);
  }

  /** {@code mlock2(2)}, of which {@code mlock(2)} is the one without flags. */
  public void lock(AddressSpace space, long address, long length, int flags) {
    if ((flags & ~ONFAULT) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, flags);
    }
    checkLock(space);
    long start = address & ~4095L;
    long bytes = length + (address & 4095) + 4095 & ~4095L;
    long end = start + bytes;
    long more = (bytes >>> 12) - lockedIn(space, start, end);
    if (!space.limits().mayLock(more)) {
      throw new LinuxError(Errno.ENOMEM);
    }
    apply(space, start, end, flags == ONFAULT ? VmFlag.ANY_LOCK : VmFlag.LOCKED);
    long until = Populate.limit(start, end);
    try {
      for (long at = start; at < until; ) {
        Vma vma = Objects.requireNonNull(space.find(at));
        if (populate.populate(vma, at, Math.min(vma.end(), until)) != null) {
          throw refusal.of(Errno.ENOMEM, StepKind.CANNOT_POPULATE, vma.start(), vma.end());
        }
        at = vma.end();
      }
    } catch (OutOfFrames none) {
      throw new LinuxError(Errno.EAGAIN);
    }
    if (until != end) {
      throw refusal.of(Errno.EAGAIN, StepKind.POPULATES_PART, Populate.MOST_PAGES);
    }
  }

  private void checkLock(AddressSpace space) {
    if (!space.limits().mayLockAnything()) {
      throw refusal.of(Errno.EPERM, StepKind.MAY_NOT_LOCK);
    }
  }

  /** Pages of a range that are locked already ({@code count_mm_mlocked_page_nr}). */
  private static long lockedIn(AddressSpace space, long start, long end) {
    long pages = 0;
    for (Vma vma = space.vmas().findFrom(start);
        vma != null && Long.compareUnsigned(vma.start(), end) < 0;
        vma = space.vmas().findFrom(vma.end())) {
      if (vma.has(VmFlag.LOCKED)) {
        pages += Math.min(vma.end(), end) - Math.max(vma.start(), start) >>> 12;
      }
    }
    return pages;
  }

  /** {@code munlock(2)}. */
  public void unlock(AddressSpace space, long address, long length) {
    long start = address & ~4095L;
    apply(space, start, start + (length + (address & 4095) + 4095 & ~4095L), 0);
  }

  /** {@code mlockall(2)}: what there is, what will come, or both. */
  public void lockAll(AddressSpace space, int flags) {
    int all = ALL_CURRENT | ALL_FUTURE | ALL_ONFAULT;
    if (flags == 0 || (flags & ~all) != 0 || flags == ALL_ONFAULT) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, flags);
    }
    checkLock(space);
    boolean current = (flags & ALL_CURRENT) != 0;
    long more = space.limits().total() - space.limits().locked();
    if (current && !space.limits().mayLock(more)) {
      throw new LinuxError(Errno.ENOMEM);
    }
    long locked = (flags & ALL_ONFAULT) != 0 ? VmFlag.ANY_LOCK : VmFlag.LOCKED;
    space.setDefaultFlags((flags & ALL_FUTURE) != 0 ? locked : 0);
    if (current) {
      applyToAll(space, locked);
      populate.asFarAsPossible(space, 0, space.end());
    }
  }

  /** {@code munlockall(2)}. */
  public void unlockAll(AddressSpace space) {
    space.setDefaultFlags(0);
    applyToAll(space, 0);
  }

  /** {@code apply_mlockall_flags}. */
  private static void applyToAll(AddressSpace space, long locked) {
    for (Vma vma : List.copyOf(space.vmas().all())) {
      // A neighbour that was merged with one before has its flags already.
      if (space.find(vma.start()) == vma) {
        setLock(vma, vma.start(), vma.end(), locked);
      }
    }
  }

  /** {@code apply_vma_lock_flags}: what precedes a hole is done. */
  private void apply(AddressSpace space, long start, long end, long locked) {
    if (Long.compareUnsigned(end, start) < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BEYOND_USER_SPACE, end - start, start);
    }
    for (long at = start; Long.compareUnsigned(at, end) < 0; ) {
      Vma vma = space.find(at);
      if (vma == null) {
        throw refusal.of(Errno.ENOMEM, StepKind.HOLE, at);
      }
      long until = Math.min(vma.end(), end);
      setLock(vma, at, until, locked);
      at = until;
    }
  }

  /** {@code mlock_fixup}. */
  private static void setLock(Vma vma, long start, long end, long locked) {
    long flags = vma.flags() & ~VmFlag.ANY_LOCK | locked;
    if (flags != vma.flags() && !vma.has(VmFlag.DROPPABLE)) {
      vma.space().vmas().modify(vma, start, end, flags);
    }
  }
}
