package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.ReadaheadState;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import java.util.Objects;

/**
 * Decides what is read from a file besides the page that is needed ({@code mm/readahead.c}, and
 * {@code do_sync_mmap_readahead} of {@code mm/filemap.c}), as Linux 6.12 does with pages of 4 KiB.
 *
 * <p>A sequential reader is given windows. The first one is a few times as long as what he asked
 * for; one page in it carries a mark ({@code PG_readahead}). When he comes to the mark, he has used
 * up enough to be believed: the next window is read, two or four times as long, up to the lab's
 * {@code readahead}, with its mark on its first page. So the disk always works one window ahead of
 * the reader, and a reader who jumps costs no more than what he asked for.
 *
 * <p>A fault tells nothing of where the program came from, so a page that is missing is read with
 * half a window before it and half behind it, unless {@code madvise} said RANDOM (it alone) or
 * SEQUENTIAL (a window from it on), or faults on this open file miss much more often than they hit.
 *
 * <p>Reading ahead takes only frames that are free; it never makes room.
 */
public final class Readahead {
  /** {@code MMAP_LOTSAMISS}. */
  private static final int LOTS_OF_MISSES = 100;

  private final PageCache cache;
  private final int most;
  private final ChangeLog log;

  /**
   * @param most pages of the longest window, 0 for no readahead
   */
  public Readahead(PageCache cache, int most, ChangeLog log) {
    this.cache = cache;
    this.most = most;
    this.log = log;
  }

  private boolean helps(RegularFile file) {
    return most > 0 && file.isOnDisk();
  }

  /** Pages of the longest window of an open file ({@code ra_pages}). */
  private long most(ReadaheadState state) {
    return state.isSequential() ? 2L * most : most;
  }

  /**
   * The frame of a page that a fault needs ({@code filemap_fault}).
   *
   * @throws OutOfFrames when there is no frame to read it into
   */
  long frameForFault(Vma vma, long page) {
    OpenFile open = Objects.requireNonNull(vma.source());
    RegularFile file = open.file();
    long cached = cache.lookUp(file, page);
    if (!helps(file) || vma.has(VmFlag.RAND_READ)) {
      return cached >= 0 ? cached : cache.bringIn(file, page);
    }
    ReadaheadState state = open.readahead();
    if (cached >= 0) {
      state.setMisses(Math.max(state.misses() - 1, 0));
      passMark(state, file, page, most(state));
      return cached;
    }
    if (vma.has(VmFlag.SEQ_READ)) {
      begin(state, file, page, most(state));
    } else if (state.misses() < LOTS_OF_MISSES) {
      state.setMisses(state.misses() + 1);
      readAround(state, file, page);
    }
    return cache.bringIn(file, page);
  }

  private void readAround(ReadaheadState state, RegularFile file, long page) {
    long most = most(state);
    state.setWindow(Math.max(page - most / 2, 0), most, most / 4);
    log.step(StepKind.READS_AROUND, page, file.pathNumber(), state.size(), state.start(), most);
    readWindow(state, file);
  }

  /**
   * The frame of a page that {@code read(2)} needs ({@code filemap_get_pages}).
   *
   * @param count how many pages it wants, this one included
   * @throws OutOfFrames when there is no frame to read it into
   */
  long frameForRead(OpenFile open, long page, long count) {
    RegularFile file = open.file();
    long cached = cache.lookUp(file, page);
    if (helps(file)) {
      if (cached < 0) {
        begin(open.readahead(), file, page, count);
      }
      passMark(open.readahead(), file, page, count);
    }
    return cached >= 0 ? cached : cache.bringIn(file, page);
  }

  /** A page is missing ({@code page_cache_sync_ra}). */
  private void begin(ReadaheadState state, RegularFile file, long page, long wanted) {
    long most = most(state);
    if (state.isRandom()) {
      log.step(StepKind.READS_ALONE, page, file.pathNumber(), wanted);
      cache.readAhead(file, page, Math.min(wanted, most), -1);
      return;
    }
    if (page == 0 || wanted > most || Long.compareUnsigned(page - state.previousPage(), 1) <= 0) {
      long size = firstSize(wanted, most);
      state.setWindow(page, size, size > wanted ? size - wanted : size >> 1);
    } else {
      // Pages just before this one are what a sequential reader would have left behind.
      long history = cachedBefore(file, page, most);
      if (history <= wanted) {
        log.step(StepKind.READS_ALONE, page, file.pathNumber(), wanted);
        cache.readAhead(file, page, wanted, -1);
        return;
      }
      long weight = history == page ? history * 2 : history;
      state.setWindow(page, Math.min(weight + wanted, most), 1);
    }
    log.step(StepKind.BEGINS_WINDOW, page, file.pathNumber(), wanted, state.size(), most);
    readWindow(state, file);
  }

  private long cachedBefore(RegularFile file, long page, long most) {
    long first = page;
    while (first > 0 && page - first < most && cache.holds(file, first - 1)) {
      first--;
    }
    return page - first;
  }

  /** If a page carries the mark, the next window is read ({@code page_cache_async_ra}). */
  private void passMark(ReadaheadState state, RegularFile file, long page, long wanted) {
    if (!cache.takeMark(file, page)) {
      return;
    }
    long most = most(state);
    if (page == state.start() + state.size() - state.asyncSize()) {
      long size = nextSize(state.size(), most);
      state.setWindow(state.start() + state.size(), size, size);
    } else {
      // Somebody else read here too: what is cached from here on tells how far he had got.
      long start = page + 1;
      while (start - page <= most && cache.holds(file, start)) {
        start++;
      }
      if (start - page > most) {
        return;
      }
      long size = nextSize(start - page + wanted, most);
      state.setWindow(start, size, size);
    }
    log.step(StepKind.NEXT_WINDOW, page, file.pathNumber(), state.size(), state.start(), most);
    readWindow(state, file);
  }

  /** {@code do_page_cache_ra}: the window as far as the file goes, with its mark. */
  private void readWindow(ReadaheadState state, RegularFile file) {
    long count = Math.min(state.size(), file.pages() - state.start());
    long mark = state.asyncSize() <= count ? state.start() + count - state.asyncSize() : -1;
    cache.readAhead(file, state.start(), count, mark);
  }

  /** {@code get_init_ra_size}. */
  private static long firstSize(long wanted, long most) {
    long size = wanted <= 1 ? 1 : Long.highestOneBit(wanted - 1) << 1;
    if (size <= most / 32) {
      return size * 4;
    }
    return size <= most / 4 ? size * 2 : most;
  }

  /** {@code get_next_ra_size}. */
  private static long nextSize(long size, long most) {
    if (size < most / 16) {
      return 4 * size;
    }
    return size <= most / 2 ? 2 * size : most;
  }
}
