package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;

/**
 * Cuts and grows files that may be mapped ({@code mm/truncate.c}): pages wholly past the new end
 * leave every process, private copies included, and then the page cache; what the last page has
 * past the end is zeroed.
 */
public final class Truncate {
  private static final int PAGE = 4096;

  private final PageCache cache;
  private final FileMappings mappings;
  private final Zap zap;
  private final ChangeLog log;

  public Truncate(PageCache cache, FileMappings mappings, Zap zap, ChangeLog log) {
    this.cache = cache;
    this.mappings = mappings;
    this.zap = zap;
    this.log = log;
  }

  /** Gives a file another size. */
  public void resize(RegularFile file, long size) {
    long old = file.size();
    begin(file, size);
    if (size >= old) {
      grow(file, old, Long.MAX_VALUE, size);
      return;
    }
    file.setSize(size);
    long firstGone = file.pages();
    for (Vma vma : mappings.of(file)) {
      long from = vma.start() + (Math.max(firstGone - vma.pageOffset(), 0) << 12);
      if (from < vma.end()) {
        log.step(StepKind.UNMAPS_PAST_END, from, vma.end(), vma.space().pid());
        zap.range(vma.space(), from, vma.end());
      }
    }
    cache.dropFrom(file, firstGone);
    cache.zeroEdge(file, size, (size + PAGE - 1) & -PAGE);
  }

  /** Makes a file longer for {@code fallocate}: what was stored behind the new end stays there. */
  void extend(RegularFile file, long size) {
    begin(file, size);
    grow(file, file.size(), size, size);
  }

  private void begin(RegularFile file, long size) {
    log.step(StepKind.RESIZES_FILE, file.pathNumber(), file.size(), size);
    file.wasWritten();
  }

  /**
   * A file becomes longer. What a store through a mapping left behind the old end never was part of
   * the file and does not become so ({@code pagecache_isize_extended}); in memory alone it does, as
   * in tmpfs.
   *
   * @param written up to where bytes behind the old end are zeroed; what lies behind it stays
   */
  void grow(RegularFile file, long old, long written, long size) {
    if (file.isOnDisk()) {
      cache.zero(file, old, Math.min(written, (old + PAGE - 1) & -PAGE));
    }
    file.setSize(size);
  }
}
