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
    check(space, address, length);
    long end = address + (length + 4095 & ~4095L);
    long at = address;
    while (at < end) {
      at = vmaAt(space, at).end();
    }
    return pages(space, address, Math.toIntExact(end - address >>> 12));
  }

  /** What is wrong with the arguments, wherever anything is mapped. */
  public void check(AddressSpace space, long address, long length) {
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    if (Long.compareUnsigned(length, space.end()) > 0
        || Long.compareUnsigned(address, space.end() - length) > 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.BEYOND_USER_SPACE, length, address);
    }
  }

  /** Some pages from an address on, at most those of one VMA. */
  public byte[] inOneVma(AddressSpace space, long address, int most) {
    long left = vmaAt(space, address).end() - address >>> 12;
    return pages(space, address, (int) Math.min(left, most));
  }

  private Vma vmaAt(AddressSpace space, long va) {
    Vma vma = space.find(va);
    if (vma == null) {
      throw refusal.of(Errno.ENOMEM, StepKind.HOLE, va);
    }
    return vma;
  }

  private byte[] pages(AddressSpace space, long address, int count) {
    byte[] pages = new byte[count];
    for (int i = 0; i < count; i++) {
      pages[i] = (byte) (isResident(space, address + i * 4096L) ? 1 : 0);
    }
    return pages;
  }

  private boolean isResident(AddressSpace space, long va) {
    long entryAddress = space.tables().find(va);
    long entry = entryAddress < 0 ? 0 : space.tables().load(entryAddress);
    if (entry != 0 && entry != Entry.GUARD) {
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
