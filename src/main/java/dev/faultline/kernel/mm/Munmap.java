package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Tlb;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes mappings away ({@code do_vmi_munmap}): splits at both ends, clears entries, frees what
 * nobody else holds.
 */
public final class Munmap {
  private final FileSystem files;
  private final FrameTable frames;
  private final Tlb tlb;
  private final ChangeLog log;
  private final Refusal refusal;

  private long freed;
  private long kept;
  private long cleared;
  private long rowsDropped;

  public Munmap(FileSystem files, FrameTable frames, Tlb tlb, ChangeLog log) {
    this.files = files;
    this.frames = frames;
    this.tlb = tlb;
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
    VmaTree vmas = space.vmas();
    Vma first = vmas.findFrom(start);
    if (first == null || first.start() >= end) {
      return;
    }
    boolean inside = first.start() < start && end < first.end();
    if (inside && vmas.size() >= Mmap.MAX_MAP_COUNT) {
      throw refusal.of(Errno.ENOMEM, StepKind.TOO_MANY_VMAS, Mmap.MAX_MAP_COUNT);
    }
    if (first.start() < start) {
      vmas.split(first, start);
    }
    Vma last = vmas.find(end);
    if (last != null && last.start() < end) {
      vmas.split(last, end);
    }
    removeAll(space, start, end);
  }

  private void removeAll(AddressSpace space, long start, long end) {
    List<RegularFile> letGo = new ArrayList<>();
    cleared = 0;
    freed = 0;
    kept = 0;
    rowsDropped = 0;
    VmaTree vmas = space.vmas();
    for (Vma vma = vmas.findFrom(start);
        vma != null && vma.start() < end;
        vma = vmas.findFrom(start)) {
      log.step(StepKind.REMOVES_VMA, vma.start(), vma.end());
      vmas.remove(vma);
      zap(space, vma.start(), vma.end());
      if (vma.file() != null) {
        letGo.add(vma.file());
      }
    }
    if (cleared > 0) {
      log.step(StepKind.FENCES_RANGE, space.asid(), rowsDropped);
    }
    space.tables().freeUnneeded(start, end, vmas);
    log.step(StepKind.UNMAPPED, cleared, freed, kept);
    letGo.forEach(files::letGo);
  }

  private void zap(AddressSpace space, long start, long end) {
    space
        .tables()
        .forEachLeaf(
            start,
            end,
            (va, entryAddress, entry) -> {
              long ppn = Entry.ppn(entry);
              log.step(StepKind.CLEARS_ENTRY, va, ppn, frames.refs(ppn) - 1);
              space.tables().clear(entryAddress, va);
              rowsDropped += tlb.fence(va, space.asid());
              cleared++;
              if (frames.count(ppn, Reference.CACHE) > 0) {
                kept++;
              }
              if (frames.put(ppn, Reference.MAPPING)) {
                log.step(StepKind.FREES, ppn);
                freed++;
              }
            });
  }
}
