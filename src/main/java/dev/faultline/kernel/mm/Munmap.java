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
import java.util.Arrays;
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

  /** Pages whose entries were cleared, and the frames they mapped, until the TLB is flushed. */
  private long[] clearedPages = new long[64];

  private long[] clearedFrames = new long[64];
  private int cleared;

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
    VmaTree vmas = space.vmas();
    for (Vma vma = vmas.findFrom(start);
        vma != null && vma.start() < end;
        vma = vmas.findFrom(start)) {
      log.step(StepKind.REMOVES_VMA, vma.start(), vma.end());
      vmas.remove(vma);
      space
          .tables()
          .forEachLeaf(vma.start(), vma.end(), (va, at, entry) -> clear(space, va, at, entry));
      if (vma.file() != null) {
        letGo.add(vma.file());
      }
    }
    flush(space);
    space.tables().freeUnneeded(start, end, vmas);
    letGo.forEach(files::letGo);
  }

  private void clear(AddressSpace space, long va, long entryAddress, long entry) {
    log.step(StepKind.CLEARS_ENTRY, va, Entry.ppn(entry));
    space.tables().clear(entryAddress, va);
    if (cleared == clearedPages.length) {
      clearedPages = Arrays.copyOf(clearedPages, cleared * 2);
      clearedFrames = Arrays.copyOf(clearedFrames, cleared * 2);
    }
    clearedPages[cleared] = va;
    clearedFrames[cleared++] = Entry.ppn(entry);
  }

  /** Only when no TLB can reach them any more are the frames let go ({@code tlb_finish_mmu}). */
  private void flush(AddressSpace space) {
    if (cleared > 0) {
      log.step(StepKind.FENCES_RANGE, cleared, space.asid());
    }
    for (int i = 0; i < cleared; i++) {
      tlb.fence(clearedPages[i], space.asid());
    }
    long kept = 0;
    long freed = 0;
    for (int i = 0; i < cleared; i++) {
      long ppn = clearedFrames[i];
      long refs = frames.refs(ppn) - 1;
      kept += frames.count(ppn, Reference.CACHE);
      freed += refs == 0 ? 1 : 0;
      log.step(StepKind.UNMAPS_FRAME, ppn, refs);
      frames.put(ppn, Reference.MAPPING);
    }
    log.step(StepKind.UNMAPPED, cleared, freed, kept);
  }
}
