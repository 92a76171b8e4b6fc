package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Owns every frame: which are free, what the others are used for, and who refers to them.
 *
 * <p>Invariant, for each frame in use: {@code refs = mappings + cached + pins + parent}, and {@code
 * refs > 0}. The count {@code refs} and the counts by reason are kept apart, as Linux keeps {@code
 * _refcount} and {@code _mapcount} apart, so that the audit can hold one against the other. A frame
 * whose last reference goes becomes free at once.
 *
 * <p>Pages are taken away from others in one place only: {@link #reserve}, which whoever needs
 * frames calls before he looks at anything that might go. From there on {@link #take} cannot fail
 * for so many frames, and nothing changes under him. That is all there is of watermarks: Linux
 * keeps some frames free (min, low, high) because it allocates where it cannot wait, and has a
 * thread that refills them; here whoever needs a frame waits for it, so that a page is taken only
 * when the last frame is in use.
 */
public final class FrameTable {
  private static final Frame[] COLUMNS = Frame.values();
  private static final int WIDTH = COLUMNS.length;
  private static final int FIRST_FRAMES = 32;

  /** Frames of a superpage. */
  private static final int BLOCK = PagingMode.ENTRIES;

  /** No fault needs more: a table for each level, a page of a file and a copy of it. */
  private static final int MOST_FOR_A_FAULT = 8;

  private final PhysicalMemory memory;
  private final ChangeLog log;

  /** A row a frame, in the columns of the log's table, as far as frames were ever used. */
  private long[] rows = new long[FIRST_FRAMES * WIDTH];

  private int[] freed = new int[FIRST_FRAMES];
  private int freedCount;

  /** Frames in use in each aligned block of 512, as far as frames were ever used. */
  private int[] usedInBlock = new int[1];

  private int neverUsed;
  private final long[] totals = new long[Reference.values().length];
  private final EvictionOrder fileOrder;
  private final EvictionOrder swapOrder;

  /** Frames whose pages leave for the swap area ({@code PG_swapbacked}). */
  private final BitSet swapBacked = new BitSet();

  private int mappedFilePages;
  private int lazyPages;
  private int reserved;
  private BooleanSupplier reclaimer = () -> false;
  private BooleanSupplier killer = () -> false;

  /**
   * @param seed of what is random in the policy
   */
  public FrameTable(PhysicalMemory memory, ReclaimPolicy policy, long seed, ChangeLog log) {
    this.memory = memory;
    this.log = log;
    fileOrder = policy.order(seed, log);
    swapOrder = policy.order(~seed, log);
  }

  /** How many frames can be taken besides those that were reserved last. */
  int spare() {
    return free() - reserved;
  }

  /** Who is asked to give a frame back; answers whether it did. */
  void reclaimWith(BooleanSupplier newReclaimer) {
    reclaimer = newReclaimer;
  }

  /** Who is asked to end a process when no frame can be given back; answers whether it did. */
  public void killWith(BooleanSupplier newKiller) {
    killer = newKiller;
  }

  /**
   * Makes sure that so many frames are free, at the cost of others' pages and in the end of a
   * process.
   *
   * @param needed asked anew after every page that was taken, which may have been one of the
   *     caller's
   * @throws OutOfFrames when that cannot be; nothing of the caller's may be changed yet
   */
  void reserve(IntSupplier needed) {
    while (lacks(needed)) {
      if (!reclaimer.getAsBoolean() && !killer.getAsBoolean()) {
        throw new OutOfFrames();
      }
    }
  }

  /** As {@link #reserve}, but no process is ended. */
  void reserveGently(IntSupplier needed) {
    while (lacks(needed)) {
      if (!reclaimer.getAsBoolean()) {
        throw new OutOfFrames();
      }
    }
  }

  /** As {@link #reserve}, for mending one fault: cheap while frames are plenty. */
  void reserveForFault(IntSupplier needed) {
    if (free() >= MOST_FOR_A_FAULT) {
      reserved = MOST_FOR_A_FAULT;
    } else {
      reserve(needed);
    }
  }

  private boolean lacks(IntSupplier needed) {
    int free = free();
    int count = needed.getAsInt();
    reserved = count;
    if (free >= count) {
      return false;
    }
    log.step(StepKind.RECLAIMS, free, count);
    return true;
  }

  public int total() {
    return memory.frames();
  }

  public int free() {
    return total() - neverUsed + freedCount;
  }

  /**
   * Takes a free frame, the one freed last if there is one, with a first reference. Its bytes are
   * whatever they were.
   *
   * @param pid whose it is, 0 for nobody's
   * @throws OutOfFrames when there is none, which {@link #reserve} would have seen to
   */
  public long take(FrameKind kind, Reference reference, int pid) {
    return take(kind, reference, pid, 0, 0, 0);
  }

  /**
   * Takes a frame for the page cache.
   *
   * @param isOnDisk false for shared memory, whose only place besides is the swap area
   * @throws OutOfFrames when there is none
   */
  long takeForCache(long inode, long page, boolean isOnDisk) {
    int ppn = takeAny(FrameKind.FILE);
    swapBacked.set(ppn, !isOnDisk);
    use(ppn, FrameKind.FILE, Reference.CACHE, 0, inode, page, 0);
    return ppn;
  }

  /**
   * Takes a frame for a page of a file or a private copy of one.
   *
   * @param origin the frame that a private copy is made from, 0 for none
   * @throws OutOfFrames when there is none
   */
  public long take(
      FrameKind kind, Reference reference, int pid, long inode, long page, long origin) {
    int ppn = takeAny(kind);
    swapBacked.set(ppn, kind == FrameKind.ANON);
    use(ppn, kind, reference, pid, inode, page, origin);
    return ppn;
  }

  private int takeAny(FrameKind kind) {
    if (free() == 0) {
      throw new OutOfFrames();
    }
    int ppn = freedCount > 0 ? freed[--freedCount] : neverUsed++;
    log.step(StepKind.TAKES_FRAME, ppn, kind.ordinal());
    return ppn;
  }

  /** A frame that was free comes into use, with a first reference. */
  private void use(
      int ppn, FrameKind kind, Reference reference, int pid, long inode, long page, long origin) {
    while ((ppn + 1) * WIDTH > rows.length) {
      rows = Arrays.copyOf(rows, rows.length * 2);
    }
    int block = ppn / BLOCK;
    if (block >= usedInBlock.length) {
      usedInBlock = Arrays.copyOf(usedInBlock, Math.max(usedInBlock.length * 2, block + 1));
    }
    usedInBlock[block]++;
    set(ppn, Frame.PPN, ppn);
    set(ppn, Frame.KIND, kind.ordinal());
    set(ppn, Frame.REFS, 1);
    for (Reference reason : REASONS) {
      set(ppn, reason.column(), reason == reference ? 1 : 0);
    }
    totals[reference.ordinal()]++;
    set(ppn, Frame.PID, pid);
    set(ppn, Frame.INODE, inode);
    set(ppn, Frame.PAGE, page);
    set(ppn, Frame.ORIGIN, origin);
    set(ppn, Frame.LAZY, 0);
    EvictionOrder order = order(ppn);
    if (order != null) {
      order.add(ppn);
    }
    write(log.insert(Table.FRAME, ppn), ppn);
  }

  /** True when 512 free frames follow each other from a multiple of 512 on. */
  boolean hasSuperpage() {
    return freeBlock() >= 0;
  }

  /** The lowest block of 512 frames that are all free, or -1. */
  private int freeBlock() {
    for (int block = 0; block < total() / BLOCK; block++) {
      if (block >= usedInBlock.length || usedInBlock[block] == 0) {
        return block;
      }
    }
    return -1;
  }

  /**
   * Takes the 512 frames of the lowest block that is free, each with its first mapping; gives the
   * first of them. Frames below that were never used are the next to be taken when no freed one is
   * left, the lowest first, as before.
   */
  long takeSuperpage(int pid) {
    int start = freeBlock() * BLOCK;
    int[] rest = new int[Math.max(freedCount + Math.max(start - neverUsed, 0), freed.length)];
    int count = 0;
    for (int ppn = start - 1; ppn >= neverUsed; ppn--) {
      rest[count++] = ppn;
    }
    for (int i = 0; i < freedCount; i++) {
      if (freed[i] / BLOCK != start / BLOCK) {
        rest[count++] = freed[i];
      }
    }
    freed = rest;
    freedCount = count;
    neverUsed = Math.max(neverUsed, start + BLOCK);
    for (int ppn = start; ppn < start + BLOCK; ppn++) {
      swapBacked.set(ppn);
      use(ppn, FrameKind.ANON, Reference.MAPPING, pid, 0, 0, 0);
    }
    return start;
  }

  /** Adds a mapping of each frame of a superpage. */
  void getSuperpage(long first) {
    for (long ppn = first; ppn < first + BLOCK; ppn++) {
      get(ppn, Reference.MAPPING);
    }
  }

  /** True when no frame of a superpage has a reference besides the one of its leaf. */
  boolean isSuperpageAlone(long first) {
    for (long ppn = first; ppn < first + BLOCK; ppn++) {
      if (refs(ppn) != 1) {
        return false;
      }
    }
    return true;
  }

  /** Drops a mapping of each frame of a superpage. */
  void putSuperpage(long first) {
    for (long ppn = first + BLOCK - 1; ppn >= first; ppn--) {
      put(ppn, Reference.MAPPING);
    }
  }

  void zeroSuperpage(long first) {
    log.step(StepKind.ZEROES_SUPERPAGE, first, first + BLOCK - 1);
    for (long ppn = first; ppn < first + BLOCK; ppn++) {
      memory.zeroFrame(ppn);
    }
  }

  private static final Reference[] REASONS = Reference.values();
  private static final FrameKind[] KINDS = FrameKind.values();

  /** Adds a reference. */
  public void get(long ppn, Reference reason) {
    change((int) ppn, reason, 1);
  }

  /** Drops a reference; a frame that loses its last one is free. */
  public void put(long ppn, Reference reason) {
    int frame = (int) ppn;
    boolean last = at(frame, Frame.REFS) == 1;
    if (last) {
      log.step(StepKind.FREES, ppn);
    }
    change(frame, reason, -1);
    if (last) {
      free(frame);
    }
  }

  private void free(int frame) {
    setLazy(frame, false);
    EvictionOrder order = order(frame);
    if (order != null) {
      order.remove(frame);
    }
    write(log.delete(Table.FRAME, frame), frame);
    usedInBlock[frame / BLOCK]--;
    set(frame, Frame.PPN, 0);
    if (freedCount == freed.length) {
      freed = Arrays.copyOf(freed, freedCount * 2);
    }
    freed[freedCount++] = frame;
  }

  private void change(int ppn, Reference reason, int by) {
    long refs = at(ppn, Frame.REFS);
    long count = at(ppn, reason.column());
    if (refs == 0 || count + by < 0) {
      throw new IllegalStateException(
          "frame 0x" + Integer.toHexString(ppn) + ": " + refs + " refs, " + count + " " + reason);
    }
    log.update(Table.FRAME, ppn)
        .column(Frame.REFS, refs, refs + by)
        .column(reason.column(), count, count + by)
        .end();
    set(ppn, Frame.REFS, refs + by);
    set(ppn, reason.column(), count + by);
    totals[reason.ordinal()] += by;
    if (reason == Reference.MAPPING && count + by == (by > 0 ? 1 : 0) && isFileBacked(ppn)) {
      mappedFilePages += by;
    }
  }

  private boolean isFileBacked(int ppn) {
    return at(ppn, Frame.KIND) == FrameKind.FILE.ordinal() && !swapBacked.get(ppn);
  }

  /** How many pages of files that are on the disk are mapped. */
  int mappedFilePages() {
    return mappedFilePages;
  }

  /** The order in which pages of files leave memory. */
  EvictionOrder fileOrder() {
    return fileOrder;
  }

  /** The order in which anonymous and shared memory leaves for the swap area. */
  EvictionOrder swapOrder() {
    return swapOrder;
  }

  /** The order in which a frame stands; null for those that never leave memory. */
  @Nullable EvictionOrder order(long ppn) {
    return switch (kind(ppn)) {
      case FILE, ANON -> orderOfPage(ppn);
      case ZERO, TABLE -> null;
    };
  }

  private EvictionOrder orderOfPage(long ppn) {
    return swapBacked.get((int) ppn) ? swapOrder : fileOrder;
  }

  /** A system call read or wrote a page of the page cache. */
  void accessed(long ppn) {
    orderOfPage(ppn).accessed((int) ppn);
  }

  /** The owner of an anonymous page may do without it ({@code folio_mark_lazyfree}). */
  void setLazy(long ppn, boolean lazy) {
    if (isLazy(ppn) != lazy) {
      log.update(Table.FRAME, ppn).column(Frame.LAZY, lazy ? 0 : 1, lazy ? 1 : 0).end();
      set((int) ppn, Frame.LAZY, lazy ? 1 : 0);
      lazyPages += lazy ? 1 : -1;
    }
  }

  boolean isLazy(long ppn) {
    return at((int) ppn, Frame.LAZY) != 0;
  }

  /** How many lazy frames there are. */
  int lazyPages() {
    return lazyPages;
  }

  /** How many references of one kind there are to all frames together. */
  public long total(Reference reason) {
    return totals[reason.ordinal()];
  }

  public FrameKind kind(long ppn) {
    return KINDS[(int) at((int) ppn, Frame.KIND)];
  }

  public long refs(long ppn) {
    return at((int) ppn, Frame.REFS);
  }

  public long count(long ppn, Reference reason) {
    return at((int) ppn, reason.column());
  }

  /** Whose it is or was first; 0 for nobody's. */
  long pid(long ppn) {
    return at((int) ppn, Frame.PID);
  }

  /**
   * The file whose page the frame holds, or held when a private copy was made of it; 0 for none.
   */
  public long inode(long ppn) {
    return at((int) ppn, Frame.INODE);
  }

  /** The number of that page in its file. */
  public long page(long ppn) {
    return at((int) ppn, Frame.PAGE);
  }

  /** The frame that a private copy was made from, 0 for none. */
  public long origin(long ppn) {
    return at((int) ppn, Frame.ORIGIN);
  }

  /** True when the frame is in use. */
  public boolean isUsed(long ppn) {
    return ppn >= 0 && ppn < neverUsed && at((int) ppn, Frame.REFS) > 0;
  }

  void zero(long ppn) {
    log.step(StepKind.ZEROES, ppn);
    memory.zeroFrame(ppn);
  }

  void copy(long from, long to) {
    log.step(StepKind.COPIES, from, to);
    memory.copyFrame(from, to);
  }

  /** Gives every frame in use with its values to {@code reader}. */
  public void forEachRow(RowReader reader) {
    for (int ppn = 0; ppn < neverUsed; ppn++) {
      if (at(ppn, Frame.REFS) > 0) {
        reader.row(Table.FRAME, ppn, Arrays.copyOfRange(rows, ppn * WIDTH, (ppn + 1) * WIDTH));
      }
    }
  }

  private void write(ChangeLog record, int ppn) {
    for (int column = 0; column < WIDTH; column++) {
      record.value(rows[ppn * WIDTH + column]);
    }
    record.end();
  }

  private long at(int ppn, Frame column) {
    return rows[ppn * WIDTH + column.ordinal()];
  }

  private void set(int ppn, Frame column, long value) {
    rows[ppn * WIDTH + column.ordinal()] = value;
  }
}
