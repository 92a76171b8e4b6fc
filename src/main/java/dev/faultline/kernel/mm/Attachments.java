package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Files that processes map as a whole and take away again by where they begin, as System V shared
 * memory is ({@code ipc/shm.c}). What is left of one may be several VMAs.
 */
public final class Attachments {
  private final FileMappings mappings;
  private final Munmap munmap;
  private final PageCache cache;

  public Attachments(FileMappings mappings, Munmap munmap, PageCache cache) {
    this.mappings = mappings;
    this.munmap = munmap;
    this.cache = cache;
  }

  /** Who is told of each part of a file that a process does not map any more. */
  public void whenRemoved(ObjIntConsumer<RegularFile> listener) {
    mappings.whenRemoved(listener);
  }

  /** Whether nothing is mapped where a file of so many bytes would be. */
  public boolean hasRoom(AddressSpace space, long address, long bytes) {
    long end = address + bytes;
    return Long.compareUnsigned(end, address) >= 0 && !space.vmas().overlaps(address, end);
  }

  /** How many VMAs map a file ({@code shm_nattch}). */
  public int count(RegularFile file) {
    return mappings.of(file).size();
  }

  /** How many of its pages are in frames. */
  public long resident(RegularFile file) {
    return cache.count(file);
  }

  /** The first file above an address of which {@code address} would be the beginning. */
  public @Nullable RegularFile beginningAt(
      AddressSpace space, long address, Predicate<RegularFile> isMeant) {
    for (Vma vma = space.vmas().findFrom(address);
        vma != null;
        vma = space.vmas().findFrom(vma.end())) {
      RegularFile file = vma.file();
      if (file != null && isPartOf(vma, file, address) && isMeant.test(file)) {
        return file;
      }
    }
    return null;
  }

  private static boolean isPartOf(Vma vma, RegularFile file, long address) {
    return vma.file() == file && vma.start() - address == vma.fileOffset();
  }

  /** Unmaps what is left of a file that was mapped at an address. */
  public void remove(AddressSpace space, RegularFile file, long address) {
    long end = address + (file.pages() << 12);
    for (Vma vma = space.vmas().findFrom(address);
        vma != null && Long.compareUnsigned(vma.end(), end) <= 0;
        vma = space.vmas().findFrom(vma.end())) {
      if (isPartOf(vma, file, address) && !vma.has(VmFlag.SEALED)) {
        munmap.removeAll(space, vma.start(), vma.end());
      }
    }
  }
}
