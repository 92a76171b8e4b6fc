package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.Objects;

/**
 * Lets shared memory show its file's pages in another order: once in entries of one VMA, today by
 * mapping the file once more in the same place ({@code mm/mmap.c}).
 */
public final class RemapFilePages {
  private final FileSystem files;
  private final Mmap mmap;
  private final Refusal refusal;

  public RemapFilePages(FileSystem files, Mmap mmap, ChangeLog log) {
    this.files = files;
    this.mmap = mmap;
    this.refusal = new Refusal(log);
  }

  /**
   * {@code remap_file_pages(2)}.
   *
   * @param page of the file that {@code address} is to show
   */
  public void remap(
      AddressSpace space, long address, long length, long prot, long page, int flags) {
    long start = address & -4096L;
    long bytes = length & -4096L;
    long end = start + bytes;
    if (prot != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_PROT, prot);
    }
    if (Long.compareUnsigned(end, start) <= 0 || page + (bytes >>> 12) < page) {
      throw refusal.of(Errno.EINVAL, StepKind.BEYOND_USER_SPACE, length, address);
    }
    Vma vma = space.find(start);
    if (vma == null) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_VMA, start);
    }
    if (!vma.isShared()) {
      throw refusal.of(Errno.EINVAL, StepKind.MUST_BE_SHARED, vma.start(), vma.end());
    }
    OpenFile source = Objects.requireNonNull(vma.source());
    for (Vma last = vma; Long.compareUnsigned(last.end(), end) < 0; ) {
      Vma next = space.find(last.end());
      if (next == null || next.source() != source || next.flags() != vma.flags()) {
        throw refusal.of(Errno.EINVAL, StepKind.HOLE, last.end());
      }
      last = next;
    }
    int kept = flags & MapFlag.NONBLOCK.bit();
    kept |= MapFlag.SHARED.bit() | MapFlag.FIXED.bit() | MapFlag.POPULATE.bit();
    kept |= vma.has(VmFlag.LOCKED) ? MapFlag.LOCKED.bit() : 0;
    source.file().hold();
    try {
      mmap.map(space, start, bytes, vma.prot(), kept, source, -1, page << 12);
    } finally {
      files.letGo(source.file());
    }
  }
}
