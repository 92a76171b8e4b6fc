package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** Writes what was stored through shared mappings to the disk ({@code mm/msync.c}). */
public final class Msync {
  public static final int ASYNC = 1;
  public static final int INVALIDATE = 2;
  public static final int SYNC = 4;

  private final PageCache cache;
  private final Refusal refusal;

  public Msync(PageCache cache, ChangeLog log) {
    this.cache = cache;
    this.refusal = new Refusal(log);
  }

  /** {@code msync(2)}: holes are refused, but only after everything else is written. */
  public void sync(AddressSpace space, long address, long length, int flags) {
    if ((flags & ~(ASYNC | INVALIDATE | SYNC)) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_SYNC, flags);
    }
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    if ((flags & ASYNC) != 0 && (flags & SYNC) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_SYNC, flags);
    }
    long end = address + (length + 4095 & ~4095L);
    if (Long.compareUnsigned(end, address) < 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.BEYOND_USER_SPACE, length, address);
    }
    long hole = -1;
    for (long at = address; at != end; ) {
      Vma vma = space.vmas().findFrom(at);
      if (vma == null || at < vma.start()) {
        hole = at;
        if (vma == null || flags == ASYNC || Long.compareUnsigned(vma.start(), end) >= 0) {
          break;
        }
        at = vma.start();
      }
      if ((flags & INVALIDATE) != 0 && vma.has(VmFlag.LOCKED)) {
        throw refusal.of(Errno.EBUSY, StepKind.IS_LOCKED, vma.start(), vma.end());
      }
      long until = Long.compareUnsigned(vma.end(), end) < 0 ? vma.end() : end;
      if ((flags & SYNC) != 0 && vma.file() != null && vma.isShared()) {
        cache.writeBack(vma.file(), vma.filePage(at), vma.filePage(until - 1));
      }
      at = until;
    }
    if (hole != -1) {
      throw refusal.of(Errno.ENOMEM, StepKind.HOLE, hole);
    }
  }
}
