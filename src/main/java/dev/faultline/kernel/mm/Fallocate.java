package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * Changes what lies inside a file that may be mapped ({@code fallocate(2)}). Where a hole comes,
 * cached pages leave every process and the page cache, and read as zero from then on. Unlike a cut
 * at the end, a hole lets private copies be ({@code unmap_mapping_range} without {@code
 * even_cows}).
 */
public final class Fallocate {
  public static final int KEEP_SIZE = 1;
  public static final int PUNCH_HOLE = 2;
  public static final int ZERO_RANGE = 0x10;

  private static final int PAGE = 4096;

  private final PageCache cache;
  private final FileMappings mappings;
  private final Zap zap;
  private final Truncate truncate;
  private final Seals seals;
  private final ChangeLog log;
  private final Refusal refusal;

  public Fallocate(
      PageCache cache,
      FileMappings mappings,
      Zap zap,
      Truncate truncate,
      Seals seals,
      ChangeLog log) {
    this.cache = cache;
    this.mappings = mappings;
    this.zap = zap;
    this.truncate = truncate;
    this.seals = seals;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** What is wrong with the arguments, before the descriptor is looked at. */
  public void check(int mode, long offset, long length) {
    if (offset < 0 || length <= 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NEGATIVE, Math.min(offset, length));
    }
    boolean known =
        switch (mode & ~KEEP_SIZE) {
          case 0, ZERO_RANGE -> true;
          case PUNCH_HOLE -> (mode & KEEP_SIZE) != 0;
          default -> false;
        };
    if (!known) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.MEANINGLESS_FLAGS, mode);
    }
  }

  /** Does it, with arguments that were checked. */
  public void apply(RegularFile file, int mode, long offset, long length) {
    long end = offset + length;
    if (!file.isOnDisk() && (mode & ZERO_RANGE) != 0) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.MEANINGLESS_FLAGS, mode);
    }
    if ((mode & PUNCH_HOLE) != 0) {
      seals.checkWrite(file);
    } else {
      // Against growing even where the file stays as long as it is (shmem_fallocate).
      seals.checkResize(file, Math.max(file.size(), end));
    }
    if ((mode & PUNCH_HOLE) != 0) {
      punch(file, offset, end);
    } else if ((mode & ZERO_RANGE) != 0) {
      zero(file, offset, end);
    }
    if ((mode & KEEP_SIZE) == 0 && end > file.size()) {
      truncate.extend(file, end);
    }
  }

  /**
   * Makes a hole. On a disk, one that begins behind the end of the file is none, and one that goes
   * past it goes to the end of its page ({@code ext4_punch_hole}).
   */
  private void punch(RegularFile file, long start, long end) {
    if (!file.isOnDisk() || end <= file.size()) {
      zero(file, start, end);
    } else if (start < file.size()) {
      zero(file, start, Long.MAX_VALUE);
    }
  }

  /** Makes a range read as zero; the file stays as long as it is. */
  private void zero(RegularFile file, long start, long rangeEnd) {
    long end = Math.min(rangeEnd, file.pages() * PAGE);
    if (start >= end) {
      return;
    }
    log.step(StepKind.PUNCHES_HOLE, start, end, file.pathNumber());
    long first = (start + PAGE - 1) / PAGE;
    long last = end / PAGE;
    if (first < last) {
      unmap(file, first, last);
      cache.drop(file, first, last);
    }
    file.zeroDisk(start, end);
    if (first > last) {
      cache.zeroEdge(file, start, end);
    } else {
      cache.zeroEdge(file, start, first * PAGE);
      cache.zeroEdge(file, last * PAGE, end);
    }
  }

  private void unmap(RegularFile file, long first, long last) {
    for (Vma vma : mappings.of(file)) {
      long from = vma.start() + (Math.max(first - vma.pageOffset(), 0) << 12);
      long until = Math.min(vma.end(), vma.start() + (last - vma.pageOffset() << 12));
      if (from < until) {
        log.step(StepKind.UNMAPS_HOLE, from, until, vma.space().pid());
        zap.cachedPages(vma.space(), from, until);
      }
    }
  }
}
