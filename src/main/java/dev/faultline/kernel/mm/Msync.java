package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Tlb;

/**
 * Writes what was stored through shared mappings to the disk ({@code mm/msync.c}). Before a page is
 * written, every entry that maps it loses W and D, so that the next store is noticed ({@code
 * folio_mkclean}).
 */
public final class Msync {
  public static final int ASYNC = 1;
  public static final int INVALIDATE = 2;
  public static final int SYNC = 4;

  private final PageCache cache;
  private final FileMappings mappings;
  private final Tlb tlb;
  private final ChangeLog log;
  private final Refusal refusal;

  public Msync(PageCache cache, FileMappings mappings, Tlb tlb, ChangeLog log) {
    this.cache = cache;
    this.mappings = mappings;
    this.tlb = tlb;
    this.log = log;
    this.refusal = new Refusal(log);
    cache.cleanWith(this::clean);
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

  private void clean(RegularFile file, long page) {
    for (Vma vma : mappings.of(file)) {
      long va = vma.start() + (page - vma.pageOffset() << 12);
      if (vma.isShared() && va >= vma.start() && va < vma.end()) {
        clean(vma.space(), va);
      }
    }
  }

  private void clean(AddressSpace space, long va) {
    long entryAddress = space.tables().find(va);
    long entry = entryAddress < 0 ? 0 : space.tables().load(entryAddress);
    if (Entry.isPresent(entry) && (entry & (Entry.W | Entry.D)) != 0) {
      space.tables().write(entryAddress, va, entry & ~(Entry.W | Entry.D));
      log.step(StepKind.FENCES, va, space.asid());
      tlb.fence(va, space.asid());
    }
  }
}
