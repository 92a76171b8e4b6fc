package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes mappings away ({@code do_vmi_munmap}): splits at both ends, clears entries, frees what
 * nobody else holds.
 */
public final class Munmap {
  private final FileSystem files;
  private final Zap zap;
  private final Mseal sealing;
  private final ChangeLog log;
  private final Refusal refusal;

  public Munmap(FileSystem files, Zap zap, Mseal sealing, ChangeLog log) {
    this.files = files;
    this.zap = zap;
    this.sealing = sealing;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** {@code munmap(2)}: any range of pages, holes allowed. */
  public void unmap(AddressSpace space, long address, long length) {
    long rounded = length + 4095 & ~4095L;
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    if (Long.compareUnsigned(address, space.end()) > 0
        || Long.compareUnsigned(length, space.end() - address) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BEYOND_USER_SPACE, length, address);
    }
    if (rounded == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.LENGTH_ZERO);
    }
    makeRoom(space, address, address + rounded);
  }

  /** Unmaps whatever there is in a range. */
  void makeRoom(AddressSpace space, long start, long end) {
    splitOff(space, start, end);
    removeAll(space, start, end);
  }

  /**
   * Splits VMAs that reach into a range, so that those inside can go ({@code
   * vms_gather_munmap_vmas}). One that is sealed keeps all of them; what was split before stays so.
   */
  void splitOff(AddressSpace space, long start, long end) {
    VmaTree vmas = space.vmas();
    Vma first = vmas.findFrom(start);
    if (first == null || first.start() >= end) {
      return;
    }
    boolean inside = first.start() < start && end < first.end();
    if (inside && vmas.size() >= Mmap.MAX_MAP_COUNT) {
      throw refusal.of(Errno.ENOMEM, StepKind.TOO_MANY_VMAS, Mmap.MAX_MAP_COUNT);
    }
    sealing.check(first);
    if (first.start() < start) {
      vmas.split(first, start);
    }
    for (Vma vma = first; vma != null && vma.start() < end; vma = vmas.findFrom(vma.end())) {
      sealing.check(vma);
    }
    Vma last = vmas.find(end);
    if (last != null && last.start() < end) {
      vmas.split(last, end);
    }
  }

  /** Unmaps the VMAs in a range, none of which reaches out of it. */
  void removeAll(AddressSpace space, long start, long end) {
    List<RegularFile> letGo = new ArrayList<>();
    VmaTree vmas = space.vmas();
    for (Vma vma = vmas.findFrom(start);
        vma != null && vma.start() < end;
        vma = vmas.findFrom(start)) {
      log.step(StepKind.REMOVES_VMA, vma.start(), vma.end());
      vmas.remove(vma);
      zap.gather(space, vma.start(), vma.end());
      if (vma.file() != null) {
        letGo.add(vma.file());
      }
    }
    zap.flush(space);
    space.tables().freeUnneeded(start, end, vmas);
    letGo.forEach(files::letGo);
  }
}
