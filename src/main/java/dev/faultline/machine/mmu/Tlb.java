package dev.faultline.machine.mmu;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.memory.PhysicalMemory.Mark;

/**
 * A set-associative TLB whose rows are all visible. A page's set is the low bits of its page
 * number; when a set is full, one of its rows gives way as the {@link Replacement} says. Rows stay
 * as they are until a fence drops them, even when the table has moved on: such a row is marked
 * stale.
 *
 * <p>Each row also remembers the physical address of the entry it was filled from. Hardware has no
 * such field; it is what lets the log say at once that a row and its entry disagree. The frames of
 * those entries are marked, so that every store to them is heard of; {@link TlbSources} says at
 * once when it cannot matter, which is nearly always.
 *
 * <p>What the log knows of each row is kept beside the row. {@link #settle} tells the log of all
 * that changed since; it runs by itself after each change, unless {@link #setDeferred} says that a
 * program is running, whose misses would flood the log.
 */
public final class Tlb {
  private static final int NONE = -1;

  /** Room enough that pages seldom meet in a fast table. */
  private static final int FAST_PAGES_A_ROW = 4;

  private static final int FEWEST_FAST = 256;
  private static final int MOST_FAST = 4096;

  private final int ways;
  private final int sets;
  private final Replacement replacement;
  private final PhysicalMemory memory;
  private final FastPath fast;
  private final ChangeLog log;

  private final TlbSources sources;
  private final int hart;
  private final TlbRows rows;
  private final TlbRows logged;
  private final boolean[] changed;
  private final int[] changedRows;
  private int changedCount;
  private boolean deferred;

  private final int[] nextWay;
  private final long[] lastUse;
  private long clock;
  private long random;
  private Runnable whenFetchesDropped = () -> {};

  /**
   * @param hart whose TLB it is
   * @param entries how many rows, a power of two
   * @param ways rows in a set, a power of two up to {@code entries}
   * @param sources of this TLB and all others that are filled from the same memory
   */
  public Tlb(
      int hart,
      int entries,
      int ways,
      Replacement replacement,
      long seed,
      PhysicalMemory memory,
      TlbSources sources,
      ChangeLog log) {
    if (Integer.bitCount(entries) != 1 || Integer.bitCount(ways) != 1 || ways > entries) {
      throw new IllegalArgumentException("TLB of " + entries + " entries in " + ways + " ways");
    }
    this.hart = hart;
    this.ways = ways;
    this.sets = entries / ways;
    this.replacement = replacement;
    this.memory = memory;
    this.sources = sources;
    this.log = log;
    fast = new FastPath(Math.clamp(FAST_PAGES_A_ROW * entries, FEWEST_FAST, MOST_FAST));
    rows = new TlbRows(entries);
    logged = new TlbRows(entries);
    changed = new boolean[entries];
    changedRows = new int[entries];
    nextWay = new int[sets];
    lastUse = new long[entries];
    // Never zero, which the generator could not leave.
    random = seed * 2 + 1;
    memory.watch(Mark.TABLE, this::stored);
    memory.whenMarked(fast::dropStores);
  }

  public int ways() {
    return ways;
  }

  public int size() {
    return changed.length;
  }

  FastPath fast() {
    return fast;
  }

  /** True when a hit leaves the TLB as it was, so that hits need not be seen. */
  boolean hitsChangeNothing() {
    return replacement != Replacement.LRU;
  }

  /** What to do when a row is dropped that instructions are being fetched by. */
  public void whenFetchesDropped(Runnable action) {
    whenFetchesDropped = action;
  }

  int setOf(long va) {
    return (int) (va >>> 12) & sets - 1;
  }

  int setOfRow(int row) {
    return row / ways;
  }

  int wayOfRow(int row) {
    return row % ways;
  }

  /** The row that translates {@code va} for an ASID, or -1. */
  int find(long va, int wantedAsid) {
    long wantedPage = va >>> 12;
    int first = setOf(va) * ways;
    for (int row = first; row < first + ways; row++) {
      if (rows.valid[row]
          && rows.covers(row, wantedPage)
          && (rows.asid[row] == wantedAsid || rows.global[row])) {
        return row;
      }
    }
    return NONE;
  }

  /** A row was used, which matters to the least recently used one. */
  void touch(int row) {
    lastUse[row] = ++clock;
  }

  /** The leaf that a row was filled with, as it was then. */
  long leaf(int row) {
    return rows.leaf[row];
  }

  int level(int row) {
    return rows.level[row];
  }

  /**
   * The row that a translation is to fill: that of the same page, a free one, or the one whose turn
   * it is.
   */
  int choose(long va, int asid) {
    int row = find(va, asid);
    return row == NONE ? freeRow(setOf(va)) : row;
  }

  /** Fills a row that was chosen for it with a translation. */
  void fill(int row, long va, int asid, boolean global, long leaf, int level, long entryAddress) {
    drop(row);
    rows.valid[row] = true;
    rows.stale[row] = false;
    rows.asid[row] = asid;
    rows.global[row] = global;
    rows.level[row] = level;
    rows.page[row] = va >>> 12;
    rows.leaf[row] = leaf;
    rows.entryAddress[row] = entryAddress;
    int frame = memory.frameIndex(entryAddress);
    sources.add(frame, entryAddress);
    memory.mark(frame, Mark.TABLE);
    touch(row);
    changed(row);
  }

  private int freeRow(int set) {
    int first = set * ways;
    for (int row = first; row < first + ways; row++) {
      if (!rows.valid[row]) {
        return row;
      }
    }
    return switch (replacement) {
      case ROUND_ROBIN -> {
        int way = nextWay[set];
        nextWay[set] = (way + 1) % ways;
        yield first + way;
      }
      case RANDOM -> first + (int) (nextRandom() & ways - 1);
      case LRU -> {
        int oldest = first;
        for (int row = first + 1; row < first + ways; row++) {
          if (lastUse[row] < lastUse[oldest]) {
            oldest = row;
          }
        }
        yield oldest;
      }
    };
  }

  /** xorshift64*, of which the upper bits are good. */
  private long nextRandom() {
    random ^= random >>> 12;
    random ^= random << 25;
    random ^= random >>> 27;
    return random * 0x2545f4914f6cdd1dL >>> 33;
  }

  /**
   * Table entries may have changed: rows filled from them that now say something else are stale.
   */
  private void stored(long address, int length) {
    int frame = memory.frameIndex(address);
    if (!sources.hasAny(frame)) {
      memory.unmark(frame, Mark.TABLE);
      return;
    }
    boolean isEntry = length == 8 && (address & 7) == 0;
    if (isEntry && !sources.mayHave(address)) {
      return;
    }
    for (int row = 0; row < rows.valid.length; row++) {
      long from = rows.entryAddress[row];
      if (rows.valid[row] && from < address + length && from + 8 > address) {
        boolean nowStale = rows.leaf[row] != memory.load(from, 8);
        if (nowStale != rows.stale[row]) {
          rows.stale[row] = nowStale;
          changed(row);
        }
      }
    }
  }

  // sfence.vma. Each gives the number of rows dropped.

  /** With an address and an ASID: global translations stay. */
  public int fence(long va, int asid) {
    int count = 0;
    for (int row = 0; row < rows.valid.length; row++) {
      if (rows.belongsTo(row, asid) && rows.covers(row, va >>> 12)) {
        drop(row);
        count++;
      }
    }
    return count;
  }

  /**
   * With an ASID and each page from {@code start} up to {@code end}; it costs one look at each row,
   * however long the range is.
   */
  public int fenceRange(long start, long end, int asid) {
    int count = 0;
    for (int row = 0; row < rows.valid.length; row++) {
      if (rows.belongsTo(row, asid) && rows.overlaps(row, start >>> 12, end - 1 >>> 12)) {
        drop(row);
        count++;
      }
    }
    return count;
  }

  /** With an ASID alone: global translations stay. */
  public int fence(int asid) {
    int count = 0;
    for (int row = 0; row < rows.valid.length; row++) {
      if (rows.belongsTo(row, asid)) {
        drop(row);
        count++;
      }
    }
    return count;
  }

  /** With an address alone: in every address space. */
  public int fencePage(long va) {
    int count = 0;
    for (int row = 0; row < rows.valid.length; row++) {
      if (rows.valid[row] && rows.covers(row, va >>> 12)) {
        drop(row);
        count++;
      }
    }
    return count;
  }

  /** With neither: everything. */
  public int fence() {
    int count = 0;
    for (int row = 0; row < rows.valid.length; row++) {
      if (rows.valid[row]) {
        drop(row);
        count++;
      }
    }
    return count;
  }

  private void drop(int row) {
    if (rows.valid[row]) {
      if (fast.dropRow(row, rows.level[row], rows.page[row])) {
        whenFetchesDropped.run();
      }
      rows.valid[row] = false;
      sources.remove(memory.frameIndex(rows.entryAddress[row]), rows.entryAddress[row]);
      changed(row);
    }
  }

  // The log.

  public boolean isDeferred() {
    return deferred;
  }

  /** While set, changes wait for {@link #settle}. */
  public void setDeferred(boolean isDeferred) {
    deferred = isDeferred;
  }

  private void changed(int row) {
    if (!changed[row]) {
      changed[row] = true;
      changedRows[changedCount++] = row;
    }
    if (!deferred) {
      settle();
    }
  }

  /** Tells the log how rows differ from what it knows. */
  public void settle() {
    for (int i = 0; i < changedCount; i++) {
      int row = changedRows[i];
      changed[row] = false;
      settle(row);
      logged.copy(row, rows);
    }
    changedCount = 0;
  }

  /** Rows of all harts are counted together. */
  private long key(int row) {
    return (long) hart * size() + row;
  }

  private void settle(int row) {
    if (rows.valid[row] && logged.valid[row] && rows.saysTheSame(row, logged)) {
      log.update(Table.TLB, key(row))
          .column(Table.Tlb.STALE, logged.stale[row] ? 1 : 0, rows.stale[row] ? 1 : 0)
          .end();
      return;
    }
    if (logged.valid[row]) {
      writeRow(log.delete(Table.TLB, key(row)), row, logged);
    }
    if (rows.valid[row]) {
      writeRow(log.insert(Table.TLB, key(row)), row, rows);
    }
  }

  /** Gives every valid row with its values to {@code reader}. */
  public void forEachRow(RowReader reader) {
    for (int row = 0; row < rows.valid.length; row++) {
      if (rows.valid[row]) {
        reader.row(
            Table.TLB,
            key(row),
            key(row),
            setOfRow(row),
            wayOfRow(row),
            rows.asid[row],
            rows.page[row] << 12,
            Entry.ppn(rows.leaf[row]),
            rows.leaf[row] & Entry.FLAGS,
            rows.level[row],
            rows.entryAddress[row],
            rows.stale[row] ? 1 : 0,
            hart);
      }
    }
  }

  private void writeRow(ChangeLog record, int row, TlbRows from) {
    record
        .value(key(row))
        .value(setOfRow(row))
        .value(wayOfRow(row))
        .value(from.asid[row])
        .value(from.page[row] << 12)
        .value(Entry.ppn(from.leaf[row]))
        .value(from.leaf[row] & Entry.FLAGS)
        .value(from.level[row])
        .value(from.entryAddress[row])
        .value(from.stale[row] ? 1 : 0)
        .value(hart)
        .end();
  }
}
