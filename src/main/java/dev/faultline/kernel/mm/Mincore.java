package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;

/** Tells which pages are in memory ({@code mm/mincore.c}). */
public final class Mincore {
  private final PageCache cache;
  private final Refusal refusal;

  public Mincore(PageCache cache, ChangeLog log) {
    this.cache = cache;
    this.refusal = new Refusal(log);
  }

  /** {@code mincore(2)}: 1 for each page that a touch would not have to wait for. */
  public byte[] residency(AddressSpace space, long address, long length) {
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    if (Long.compareUnsigned(length, space.end()) > 0
        || Long.compareUnsigned(address, space.end() - length) > 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.BEYOND_USER_SPACE, length, address);
    }
    long end = address + (length + 4095 & ~4095L);
    for (long at = address; at < end; ) {
      Vma vma = space.find(at);
      if (vma == null) {
        throw refusal.of(Errno.ENOMEM, StepKind.HOLE, at);
      }
      at = vma.end();
    }
    byte[] pages = new byte[Math.toIntExact(end - address >>> 12)];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = (byte) (isResident(space, address + i * 4096L) ? 1 : 0);
    }
    return pages;
  }

  private boolean isResident(AddressSpace space, long va) {
    long entryAddress = space.tables().find(va);
    long entry = entryAddress < 0 ? 0 : space.tables().load(entryAddress);
    if (entry != 0) {
      return Entry.isPresent(entry);
    }
    Vma vma = space.find(va);
    if (vma == null) {
      return false;
    }
    RegularFile file = vma.file();
    return file != null && cache.holds(file, vma.filePage(va));
  }
}
