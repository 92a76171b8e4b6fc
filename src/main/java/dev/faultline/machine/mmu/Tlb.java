package dev.faultline.machine.mmu;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;

/**
 * A set-associative TLB whose rows are all visible. A page's set is the low bits of its page
 * number; a full set gives up its rows in turn (round robin). Rows stay as they are until a fence
 * drops them, even when the table has moved on: such a row is marked stale.
 *
 * <p>Each row also remembers the physical address of the entry it was filled from. Hardware has no
 * such field; it is what lets the log say at once that a row and its entry disagree.
 */
public final class Tlb {
  private static final int NONE = -1;

  private final int ways;
  private final int sets;
  private final ChangeLog log;

  private final boolean[] valid;
  private final boolean[] stale;
  private final int[] asid;
  private final int[] level;
  private final long[] page;
  private final long[] leaf;
  private final long[] entryAddress;
  private final int[] nextWay;

  /**
   * @param entries how many rows, a power of two
   * @param ways rows in a set, a power of two up to {@code entries}
   */
  public Tlb(int entries, int ways, ChangeLog log) {
    if (Integer.bitCount(entries) != 1 || Integer.bitCount(ways) != 1 || ways > entries) {
      throw new IllegalArgumentException("TLB of " + entries + " entries in " + ways + " ways");
    }
    this.ways = ways;
    this.sets = entries / ways;
    this.log = log;
    valid = new boolean[entries];
    stale = new boolean[entries];
    asid = new int[entries];
    level = new int[entries];
    page = new long[entries];
    leaf = new long[entries];
    entryAddress = new long[entries];
    nextWay = new int[sets];
  }

  public int ways() {
    return ways;
  }

  public int size() {
    return valid.length;
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
      if (valid[row]
          && covers(row, wantedPage)
          && (asid[row] == wantedAsid || (leaf[row] & Entry.G) != 0)) {
        return row;
      }
    }
    return NONE;
  }

  /** The leaf that a row was filled with, as it was then. */
  long leaf(int row) {
    return leaf[row];
  }

  int level(int row) {
    return level[row];
  }

  /**
   * The row that a translation is to fill: that of the same page, a free one, or the one whose turn
   * it is.
   */
  int choose(long va, int ownAsid) {
    int row = find(va, ownAsid);
    return row == NONE ? freeRow(setOf(va)) : row;
  }

  /** Fills a row that was chosen for it with a translation. */
  void fill(int row, long va, int ownAsid, long newLeaf, int newLevel, long newEntryAddress) {
    drop(row);
    valid[row] = true;
    stale[row] = false;
    asid[row] = ownAsid;
    level[row] = newLevel;
    page[row] = va >>> 12;
    leaf[row] = newLeaf;
    entryAddress[row] = newEntryAddress;
    writeRow(log.insert(Table.TLB, row), row);
  }

  private int freeRow(int set) {
    for (int row = set * ways; row < (set + 1) * ways; row++) {
      if (!valid[row]) {
        return row;
      }
    }
    int way = nextWay[set];
    nextWay[set] = (way + 1) % ways;
    return set * ways + way;
  }

  /** A table entry was written: rows filled from it that now say something else become stale. */
  void compare(long address, long value) {
    for (int row = 0; row < valid.length; row++) {
      if (valid[row] && entryAddress[row] == address) {
        boolean nowStale = leaf[row] != value;
        log.update(Table.TLB, row)
            .column(Table.Tlb.STALE, stale[row] ? 1 : 0, nowStale ? 1 : 0)
            .end();
        stale[row] = nowStale;
      }
    }
  }

  /** {@code sfence.vma} with an address and an ASID. */
  public void fence(long va, int ownAsid) {
    for (int row = 0; row < valid.length; row++) {
      if (valid[row] && asid[row] == ownAsid && covers(row, va >>> 12)) {
        drop(row);
      }
    }
  }

  /** {@code sfence.vma} with an ASID alone. */
  public void fence(int ownAsid) {
    for (int row = 0; row < valid.length; row++) {
      if (valid[row] && asid[row] == ownAsid) {
        drop(row);
      }
    }
  }

  private boolean covers(int row, long wantedPage) {
    return page[row] >>> PagingMode.INDEX_BITS * level[row]
        == wantedPage >>> PagingMode.INDEX_BITS * level[row];
  }

  private void drop(int row) {
    if (valid[row]) {
      writeRow(log.delete(Table.TLB, row), row);
      valid[row] = false;
    }
  }

  /** Gives every valid row with its values to {@code reader}. */
  public void forEachRow(RowReader reader) {
    for (int row = 0; row < valid.length; row++) {
      if (valid[row]) {
        reader.row(
            Table.TLB,
            row,
            row,
            setOfRow(row),
            wayOfRow(row),
            asid[row],
            page[row] << 12,
            Entry.ppn(leaf[row]),
            leaf[row] & Entry.FLAGS,
            level[row],
            entryAddress[row],
            stale[row] ? 1 : 0);
      }
    }
  }

  private void writeRow(ChangeLog record, int row) {
    record
        .value(row)
        .value(setOfRow(row))
        .value(wayOfRow(row))
        .value(asid[row])
        .value(page[row] << 12)
        .value(Entry.ppn(leaf[row]))
        .value(leaf[row] & Entry.FLAGS)
        .value(level[row])
        .value(entryAddress[row])
        .value(stale[row] ? 1 : 0)
        .end();
  }
}
