package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.machine.memory.PhysicalMemory;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Pages of files that are in memory: one frame for each, shared by everybody who maps or reads the
 * page. A page comes in when it is first needed and stays after the last mapping is gone, until
 * {@link Reclaim} takes it.
 *
 * <p>A file that is only memory (shared anonymous memory) has no place on the disk: its pages leave
 * for the swap area, and the cache remembers in which slot each of them is.
 */
public final class PageCache {
  private static final int PAGE = PhysicalMemory.FRAME_SIZE;

  private final PhysicalMemory memory;
  private final FrameTable frames;
  private final FrameMappings mappings;
  private final SwapArea swap;
  private final Commitment promised;
  private final ChangeLog log;
  private long diskReads;

  private final CachedPages pages = new CachedPages();
  private final NavigableMap<Long, Long> slots = new TreeMap<>();
  private final byte[] buffer = new byte[PAGE];

  public PageCache(
      PhysicalMemory memory,
      FrameTable frames,
      FrameMappings mappings,
      SwapArea swap,
      Commitment promised,
      ChangeLog log) {
    this.memory = memory;
    this.frames = frames;
    this.mappings = mappings;
    this.swap = swap;
    this.promised = promised;
    this.log = log;
  }

  private static long key(RegularFile file, long page) {
    return file.number() << 32 | page;
  }

  /**
   * The frame that holds a page of a file, read from the disk if need be.
   *
   * @throws OutOfFrames when there is no frame to read it into
   */
  long frame(RegularFile file, long page) {
    long cached = lookUp(file, page);
    return cached >= 0 ? cached : bringIn(file, page);
  }

  /** The frame that holds a page of a file, -1 when it is not in memory. */
  long lookUp(RegularFile file, long page) {
    CachedPage cached = pages.get(file, page);
    if (cached == null) {
      log.step(StepKind.CACHE_MISS, page, file.pathNumber());
      return -1;
    }
    log.step(StepKind.CACHE_HIT, page, file.pathNumber(), cached.ppn);
    return cached.ppn;
  }

  /** Reserves a frame for a page, unless it is in memory. */
  void makeRoom(RegularFile file, long page) {
    frames.reserve(() -> holds(file, page) ? 0 : 1);
  }

  /** How often the disk was read. */
  long diskReads() {
    return diskReads;
  }

  /**
   * Makes sure that a page is in memory; gives its frame.
   *
   * @throws OutOfFrames when there is no frame to read it into
   */
  long bringIn(RegularFile file, long page) {
    CachedPage cached = pages.get(file, page);
    if (cached != null) {
      return cached.ppn;
    }
    Long slot = slots.get(key(file, page));
    if (slot != null) {
      return bringBack(file, page, slot);
    }
    long ppn = frames.takeForCache(file.number(), page, file.isOnDisk());
    int there = load(file, page, ppn);
    if (file.isOnDisk()) {
      diskReads++;
      log.step(StepKind.READS_DISK, there, file.pathNumber(), page, ppn);
    } else {
      log.step(StepKind.MAKES_CACHED, page, file.pathNumber(), ppn);
    }
    insert(new CachedPage(file, page, ppn));
    promised.changePages(file, 1);
    return ppn;
  }

  /** A page of shared anonymous memory comes back; nowhere else are its bytes then. */
  private long bringBack(RegularFile file, long page, long slot) {
    log.step(StepKind.CACHED_IN_SLOT, page, file.pathNumber(), slot);
    long ppn = frames.takeForCache(file.number(), page, file.isOnDisk());
    swap.read(slot, ppn);
    slots.remove(key(file, page));
    swap.put(slot, SwapArea.Holder.CACHE);
    insert(new CachedPage(file, page, ppn));
    markDirty(file, page);
    return ppn;
  }

  /**
   * Brings pages of shared memory back, as long as frames are free ({@code shmem_swapin_range}).
   * Where there was none, none is made.
   */
  void bringAllBack(RegularFile file, long first, long count) {
    long end = Math.min(first + count, file.pages());
    for (long page = first; page < end && frames.spare() > 0; page++) {
      if (slots.containsKey(key(file, page))) {
        bringIn(file, page);
      }
    }
  }

  /** Reads a page from the disk into a frame; gives how many bytes the disk had of it. */
  private int load(RegularFile file, long page, long ppn) {
    int there = file.readDisk(page * PAGE, buffer, 0, PAGE);
    memory.put(ppn << PhysicalMemory.FRAME_SHIFT, buffer, 0, PAGE);
    return there;
  }

  private void insert(CachedPage cached) {
    pages.add(cached);
    writeRow(log.insert(Table.CACHED_PAGE, key(cached.file, cached.page)), cached);
  }

  private static void writeRow(ChangeLog record, CachedPage cached) {
    record
        .value(cached.file.number())
        .value(cached.page)
        .value(cached.ppn)
        .value(cached.dirty ? 1 : 0)
        .value(cached.marked ? 1 : 0)
        .end();
  }

  /**
   * Reads pages from the disk that nobody needs yet, as far as they lie within the file, are not in
   * memory and find a frame to spare ({@code page_cache_ra_unbounded}). Each run of them is one
   * request to the disk.
   *
   * @param mark the page that gets the mark of {@link Readahead} if it is read now, -1 for none
   */
  void readAhead(RegularFile file, long first, long count, long mark) {
    long end = Math.min(first + count, file.pages());
    long from = first;
    for (long page = first; page < end && frames.spare() > 0; page++) {
      if (holds(file, page)) {
        tellRun(file, from, page);
        from = page + 1;
        continue;
      }
      long ppn = frames.takeForCache(file.number(), page, file.isOnDisk());
      load(file, page, ppn);
      var cached = new CachedPage(file, page, ppn);
      cached.marked = page == mark;
      insert(cached);
      if (page + 1 == end || frames.spare() <= 0) {
        tellRun(file, from, page + 1);
      }
    }
  }

  private void tellRun(RegularFile file, long from, long end) {
    if (from < end) {
      diskReads++;
      log.step(StepKind.READS_DISK_RUN, end - from, file.pathNumber(), from, end - 1);
    }
  }

  /** Takes the mark off a page; false when it has none. */
  boolean takeMark(RegularFile file, long page) {
    CachedPage cached = pages.get(file, page);
    if (cached == null || !cached.marked) {
      return false;
    }
    cached.marked = false;
    log.update(Table.CACHED_PAGE, key(file, page)).column(Table.CachedPage.MARKED, 1, 0).end();
    return true;
  }

  /** The frame that holds a page of a file, -1 when it is not in memory or has the mark. */
  long unmarked(RegularFile file, long page) {
    CachedPage cached = pages.get(file, page);
    return cached == null || cached.marked ? -1 : cached.ppn;
  }

  /** Copies bytes of one page that is in memory, in a frame. */
  void read(long ppn, long offset, byte[] into, int at, int length) {
    frames.accessed(ppn);
    memory.get((ppn << PhysicalMemory.FRAME_SHIFT) + offset % PAGE, into, at, length);
  }

  /** Writes bytes into one page, which is in memory already. */
  void write(RegularFile file, long offset, byte[] from, int at, int length) {
    CachedPage cached = Objects.requireNonNull(pages.get(file, offset / PAGE));
    log.step(StepKind.WRITES_CACHED, length, file.pathNumber(), cached.page, cached.ppn);
    markDirty(file, cached.page);
    frames.accessed(cached.ppn);
    memory.put((cached.ppn << PhysicalMemory.FRAME_SHIFT) + offset % PAGE, from, at, length);
  }

  /**
   * Zeroes what a cut or a hole takes of one page, if it is in memory or in a slot; the rest has to
   * be written back ({@code shmem_undo_range}, {@code ext4_block_zero_page_range}).
   */
  void zeroEdge(RegularFile file, long from, long to) {
    zero(file, from, to);
    if (from < to && holds(file, from / PAGE)) {
      markDirty(file, from / PAGE);
    }
  }

  /** Zeroes bytes of one page, if it is in memory or in a slot. */
  void zero(RegularFile file, long from, long to) {
    Long slot = slots.get(key(file, from / PAGE));
    if (slot != null && from < to) {
      Arrays.fill(swap.bytes(slot), (int) (from % PAGE), (int) (from % PAGE + to - from), (byte) 0);
    }
    CachedPage cached = pages.get(file, from / PAGE);
    if (cached != null && from < to) {
      log.step(StepKind.ZEROES_TAIL, from % PAGE, file.pathNumber(), cached.page, cached.ppn);
      memory.put(
          (cached.ppn << PhysicalMemory.FRAME_SHIFT) + from % PAGE,
          new byte[PAGE],
          0,
          (int) (to - from));
    }
  }

  /** Writes the dirty pages of a range to the disk, if the file has a place there. */
  void writeBack(RegularFile file, long firstPage, long lastPage) {
    if (!file.isOnDisk()) {
      return;
    }
    pages.between(file, firstPage, lastPage + 1).forEach(this::writeBack);
  }

  private void writeBack(CachedPage cached) {
    if (!cached.dirty) {
      return;
    }
    RegularFile file = cached.file;
    mappings.clean(cached.ppn);
    long start = cached.page * PAGE;
    // What was stored past the end of the file is not written, and is gone from now on.
    zero(file, Math.clamp(file.size(), start, start + PAGE), start + PAGE);
    memory.get(cached.ppn << PhysicalMemory.FRAME_SHIFT, buffer, 0, PAGE);
    log.step(StepKind.WRITES_DISK, cached.page, file.pathNumber(), cached.ppn);
    file.writeDisk(start, buffer, PAGE);
    pages.setDirty(cached, false);
    log.update(Table.CACHED_PAGE, key(file, cached.page))
        .column(Table.CachedPage.DIRTY, 1, 0)
        .end();
  }

  /** True when a page is in memory. */
  boolean holds(RegularFile file, long page) {
    return pages.get(file, page) != null;
  }

  /** True when a page of shared memory was never touched, or was given back. */
  boolean isHole(RegularFile file, long page) {
    return !file.isOnDisk() && !holds(file, page) && !slots.containsKey(key(file, page));
  }

  /** How many pages of a file are in memory or in slots. */
  long count(RegularFile file) {
    return pages.count(file) + slotsOf(file, 0, Long.MAX_VALUE).size();
  }

  /** True when a page is in memory and the disk does not have it so. */
  boolean isDirty(RegularFile file, long page) {
    CachedPage cached = pages.get(file, page);
    return cached != null && cached.dirty;
  }

  /** Drops the pages of a file from one on, which nobody maps any more. */
  void dropFrom(RegularFile file, long firstPage) {
    drop(file, firstPage, Long.MAX_VALUE);
  }

  /** Drops the pages of a file from one on and before another, which nobody maps any more. */
  void drop(RegularFile file, long firstPage, long endPage) {
    dropSlots(file, firstPage, endPage);
    for (CachedPage cached : pages.between(file, firstPage, endPage)) {
      log.step(StepKind.DROPS_CUT, cached.page, file.pathNumber(), cached.ppn);
      drop(cached);
      promised.changePages(file, -1);
    }
  }

  /** Drops the clean pages of a range that nobody maps ({@code invalidate_mapping_pages}). */
  void dropClean(RegularFile file, long firstPage, long endPage) {
    for (CachedPage cached : pages.between(file, firstPage, endPage)) {
      if (!cached.dirty && frames.refs(cached.ppn) == 1) {
        evict(cached.ppn);
      }
    }
  }

  void markDirty(RegularFile file, long page) {
    file.wasWritten();
    CachedPage cached = pages.get(file, page);
    if (cached != null && !cached.dirty) {
      pages.setDirty(cached, true);
      log.update(Table.CACHED_PAGE, key(file, page)).column(Table.CachedPage.DIRTY, 0, 1).end();
    }
  }

  /**
   * All bytes of a file as a read would see them: cached pages where there are such, the disk
   * elsewhere.
   */
  public byte[] contents(RegularFile file) {
    byte[] bytes = new byte[(int) file.size()];
    for (int at = 0; at < bytes.length; at += PAGE) {
      int length = Math.min(PAGE, bytes.length - at);
      CachedPage cached = pages.get(file, at / PAGE);
      Long slot = slots.get(key(file, at / PAGE));
      if (slot != null) {
        System.arraycopy(swap.bytes(slot), 0, bytes, at, length);
      } else if (cached == null) {
        file.readDisk(at, bytes, at, length);
      } else {
        memory.get(cached.ppn << PhysicalMemory.FRAME_SHIFT, bytes, at, length);
      }
    }
    return bytes;
  }

  private Map<Long, Long> slotsOf(RegularFile file, long firstPage, long endPage) {
    return slots.subMap(key(file, firstPage), key(file, 0) + Math.min(endPage, 1L << 32));
  }

  private void dropSlots(RegularFile file, long firstPage, long endPage) {
    Map<Long, Long> gone = slotsOf(file, firstPage, endPage);
    gone.values().forEach(slot -> swap.put(slot, SwapArea.Holder.CACHE));
    promised.changePages(file, -gone.size());
    gone.clear();
  }

  /** Drops every page of a file that nobody can reach any more. */
  public void forget(RegularFile file) {
    dropSlots(file, 0, Long.MAX_VALUE);
    for (CachedPage cached : pages.between(file, 0, Long.MAX_VALUE)) {
      drop(cached);
      promised.changePages(file, -1);
    }
    promised.release(file);
  }

  // What reclaim does with pages, by their frames.

  boolean isDirty(long ppn) {
    return pages.in(ppn).dirty;
  }

  /** False when the page has no place on the disk but the swap area. */
  public boolean isOnDisk(long ppn) {
    return pages.in(ppn).file.isOnDisk();
  }

  /** How many pages of files on the disk are in memory. */
  public int diskPages() {
    return pages.diskPages();
  }

  /** How many of these are dirty. */
  int dirtyDiskPages() {
    return pages.dirtyDiskPages();
  }

  /** How many pages of shared memory were never written: they need no slot. */
  int cleanSharedPages() {
    return pages.cleanSharedPages();
  }

  /** Drops a page that nobody maps, after it is written to the disk if need be. */
  void evict(long ppn) {
    CachedPage cached = pages.in(ppn);
    writeBack(cached);
    log.step(StepKind.DROPS_CACHED, cached.page, log.intern(cached.file.path()), ppn);
    drop(cached);
    promised.changePages(cached.file, -1);
  }

  /** A page that nobody maps leaves for the swap area. */
  void swapOut(long ppn) {
    CachedPage cached = pages.in(ppn);
    long key = key(cached.file, cached.page);
    slots.put(key, swap.write(ppn, 0, 1, 0, cached.file.number(), cached.page));
    drop(cached);
  }

  /** The slots of all pages that were swapped out, for the audit. */
  Collection<Long> swappedSlots() {
    return slots.values();
  }

  private void drop(CachedPage cached) {
    pages.remove(cached);
    writeRow(log.delete(Table.CACHED_PAGE, key(cached.file, cached.page)), cached);
    frames.put(cached.ppn, Reference.CACHE);
  }

  public int size() {
    return pages.size();
  }

  /** Gives every cached page to {@code reader}. */
  public void forEachRow(RowReader reader) {
    pages.forEach(cached ->
        reader.row(
            Table.CACHED_PAGE,
            key(cached.file, cached.page),
            cached.file.number(),
            cached.page,
            cached.ppn,
            cached.dirty ? 1 : 0,
            cached.marked ? 1 : 0));
  }

  /** The frames of all cached pages, for the audit. */
  long[] cachedFrames() {
    LongStream.Builder all = LongStream.builder();
    pages.forEach(cached -> all.add(cached.ppn));
    return all.build().toArray();
  }
}
