package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.Objects;

/** Locks memory ({@code mm/mlock.c}): a flag of its VMAs, and all of its pages brought in. */
public final class Mlock {
  private final Populate populate;
  private final Refusal refusal;

  public Mlock(Populate populate, ChangeLog log) {
    this.populate = populate;
    this.refusal = new Refusal(log);
  }

  /** {@code mlock(2)}. */
  public void lock(AddressSpace space, long address, long length) {
    long start = address & ~4095L;
    long end = start + (length + (address & 4095) + 4095 & ~4095L);
    apply(space, start, end, VmFlag.LOCKED);
    try {
      for (long at = start; at < end; ) {
        Vma vma = Objects.requireNonNull(space.find(at));
        if (populate.populate(vma, at, Math.min(vma.end(), end)) != null) {
          throw refusal.of(Errno.ENOMEM, StepKind.CANNOT_POPULATE, vma.start(), vma.end());
        }
        at = vma.end();
      }
    } catch (OutOfFrames none) {
      throw new LinuxError(Errno.EAGAIN);
    }
  }

  /** {@code munlock(2)}. */
  public void unlock(AddressSpace space, long address, long length) {
    long start = address & ~4095L;
    apply(space, start, start + (length + (address & 4095) + 4095 & ~4095L), 0);
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
      long flags = vma.flags() & ~VmFlag.LOCKED | locked;
      long until = Math.min(vma.end(), end);
      if (flags != vma.flags()) {
        space.vmas().modify(vma, at, until, flags);
      }
      at = until;
    }
  }
}
