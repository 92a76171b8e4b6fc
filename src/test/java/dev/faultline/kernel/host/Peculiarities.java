package dev.faultline.kernel.host;

import dev.faultline.kernel.Kernel;
import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.Fallocate;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.kernel.mm.Msync;
import dev.faultline.kernel.mm.Reference;
import dev.faultline.kernel.mm.Vma;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the Linux that is compared with does in a way of its own, and programs therefore leave out.
 *
 * <p>{@code mremap} of Linux 6.18 counts locked memory twice when DONTUNMAP leaves it where it was.
 * A laboratory's files follow ext4, but for two times at which ext4 writes more than it was asked
 * for, which zeroes what was stored behind a file's end: when a file is closed that had been cut to
 * nothing ({@code auto_da_alloc}), and when {@code msync} commits its journal, by which pages go to
 * the disk at whose edge a file was cut ({@code data=ordered}). tmpfs does not keep the holes of a
 * file in memory that are read by {@code pread} or asked for by WILLNEED, does not zero what was
 * stored behind the end of a file when the file grows, and has no disk to write to, so that its
 * pages stay dirty and PAGEOUT keeps them.
 *
 * <p>And one thing that is listed among the limits of Faultline: an anonymous page that {@code
 * process_vm_writev} had to write is dirty by itself on Linux, not only by D in the entries, so
 * that MADV_FREE keeps it while others map it.
 */
final class Peculiarities {
  private static final int PAGE = 4096;

  private final FileSystem fileSystem;
  private final Kernel kernel;
  private final Process process;
  private final Set<Long> pinned;

  /**
   * @param process who is about to do something
   * @param pinned frames that {@code process_vm_writev} had to write
   */
  Peculiarities(FileSystem fileSystem, Kernel kernel, Process process, Set<Long> pinned) {
    this.pinned = pinned;
    this.fileSystem = fileSystem;
    this.kernel = kernel;
    this.process = process;
  }

  /**
   * Whether an operation belongs here.
   *
   * @param pids of processes, by the names that operations have for them
   */
  boolean has(Operation operation, Map<Integer, Integer> pids) {
    if (operation.call() == Call.MREMAP) {
      return (operation.argument(3) & Mremap.DONTUNMAP) != 0
          && process.space().limits().locked() > 0;
    }
    if (operation.call() == Call.MADVISE
        && operation.argument(2) == Advice.FREE.number()
        && sharesPinned(operation.argument(0), operation.argument(0) + operation.argument(1))) {
      return true;
    }
    return switch (fileSystem) {
      case ON_DISK -> hasOnDisk(operation.call(), operation.arguments());
      case IN_MEMORY -> hasInMemory(operation.call(), operation.arguments(), pids);
    };
  }

  private boolean sharesPinned(long from, long to) {
    return LabSide.frames(process, from, to).stream()
        .anyMatch(
            frame -> pinned.contains(frame) && kernel.frames().count(frame, Reference.MAPPING) > 1);
  }

  private boolean hasOnDisk(Call call, long[] a) {
    return switch (call) {
      case OPEN -> {
        RegularFile file = kernel.files().find(Call.path(a[0]));
        yield file != null && file.size() > 0 && OpenFlag.TRUNC.in((int) a[1]);
      }
      case FTRUNCATE -> a[1] == 0;
      case MSYNC -> (a[2] & Msync.SYNC) != 0 && leavesTailUnwritten(a[0], a[0] + a[1]);
      default -> false;
    };
  }

  private boolean hasInMemory(Call call, long[] a, Map<Integer, Integer> pids) {
    return switch (call) {
      case PREAD -> {
        OpenFile open = open(a[0]);
        yield open != null && readsHole(open.file(), a[2], a[2] + a[1]);
      }
      case FALLOCATE -> {
        OpenFile open = open(a[0]);
        yield open != null && isAllocatedAtOnce(open.file(), a[1], a[2] + a[3]);
      }
      case ADD_SEALS, GET_SEALS -> {
        OpenFile open = open(a[0]);
        yield open != null && open.file().isOnDisk();
      }
      case MADVISE -> a[2] == Advice.WILLNEED.number();
      case MSYNC -> (a[2] & Msync.SYNC) != 0;
      case STORE -> storesPastEnd(process, a[0], a[0] + a[1]);
      case PROCESS_VM_READV -> storesPastEnd(process, a[1], a[1] + a[3]);
      case PROCESS_VM_WRITEV -> {
        Integer other = pids.get((int) a[0]);
        yield other != null
            && storesPastEnd(
                Objects.requireNonNull(kernel.processes().find(other)), a[2], a[2] + a[3]);
      }
      default -> false;
    };
  }

  private @Nullable OpenFile open(long fd) {
    return process.descriptors().find((int) fd) instanceof OpenFile open ? open : null;
  }

  private static boolean isAllocatedAtOnce(RegularFile file, long mode, long end) {
    if ((mode & Fallocate.PUNCH_HOLE) == 0) {
      return file.isOnDisk() || (mode & Fallocate.ZERO_RANGE) == 0;
    }
    return end < PAGE || file.isOnDisk() && end > file.size();
  }

  /** Whether a range has pages of a file that are not in memory. */
  private boolean readsHole(RegularFile file, long from, long to) {
    Set<Long> cached =
        cachedPages().stream()
            .filter(page -> page.inode == file.number())
            .map(CachedPage::number)
            .collect(Collectors.toSet());
    for (long at = from & -PAGE; at < Math.min(to, file.size()); at += PAGE) {
      if (!cached.contains(at / PAGE)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a file's last page has bytes behind the end that are not written back with a range. */
  private boolean leavesTailUnwritten(long from, long to) {
    for (CachedPage page : cachedPages()) {
      RegularFile file = Objects.requireNonNull(kernel.files().inodes().byNumber(page.inode));
      if (page.isDirty
          && file.isOnDisk()
          && file.size() % PAGE != 0
          && page.number == file.size() / PAGE
          && !isShown(file, page.number, from, to)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a range of the process's memory shows a page of a file. */
  private boolean isShown(RegularFile file, long page, long from, long to) {
    for (long at = from; at < to; at += PAGE) {
      Vma vma = process.space().vmas().find(at);
      if (vma != null
          && vma.isShared()
          && vma.file() == file
          && vma.fileOffset() + at - vma.start() == page * PAGE) {
        return true;
      }
    }
    return false;
  }

  /** A page of the page cache. */
  private record CachedPage(long inode, long number, boolean isDirty) {}

  private List<CachedPage> cachedPages() {
    List<CachedPage> pages = new ArrayList<>();
    kernel
        .cache()
        .forEachRow((table, key, values) ->
            pages.add(
                new CachedPage(
                    values[Table.CachedPage.INODE.ordinal()],
                    values[Table.CachedPage.PAGE.ordinal()],
                    values[Table.CachedPage.DIRTY.ordinal()] != 0)));
    return pages;
  }

  private static boolean storesPastEnd(Process process, long from, long to) {
    for (long at = from; at < to; at = (at & -PAGE) + PAGE) {
      Vma vma = process.space().vmas().find(at);
      if (vma == null || vma.file() == null || !vma.isShared()) {
        continue;
      }
      long end = vma.start() + vma.file().size() - vma.fileOffset();
      if (end / PAGE == at / PAGE && Math.min(to, (at & -PAGE) + PAGE) > end) {
        return true;
      }
    }
    return false;
  }
}
