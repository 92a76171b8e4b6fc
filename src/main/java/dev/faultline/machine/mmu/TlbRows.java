package dev.faultline.machine.mmu;

/** The fields of all rows of a TLB, a column an array. */
final class TlbRows {
  final boolean[] valid;
  final boolean[] stale;
  final boolean[] global;
  final int[] asid;
  final int[] level;
  final long[] page;
  final long[] leaf;
  final long[] entryAddress;

  TlbRows(int count) {
    valid = new boolean[count];
    stale = new boolean[count];
    global = new boolean[count];
    asid = new int[count];
    level = new int[count];
    page = new long[count];
    leaf = new long[count];
    entryAddress = new long[count];
  }

  boolean covers(int row, long wantedPage) {
    return (page[row] ^ wantedPage) >>> PagingMode.INDEX_BITS * level[row] == 0;
  }

  /** True when the row translates any page from {@code first} to {@code last}. */
  boolean overlaps(int row, long first, long last) {
    long pages = 1L << PagingMode.INDEX_BITS * level[row];
    long begin = page[row] & -pages;
    return begin <= last && first < begin + pages;
  }

  /** True when the row is valid for one address space alone, this one. */
  boolean belongsTo(int row, int wantedAsid) {
    return valid[row] && !global[row] && asid[row] == wantedAsid;
  }

  /** True when another row says the same, stale or not. */
  boolean saysTheSame(int row, TlbRows other) {
    return asid[row] == other.asid[row]
        && global[row] == other.global[row]
        && level[row] == other.level[row]
        && page[row] == other.page[row]
        && leaf[row] == other.leaf[row]
        && entryAddress[row] == other.entryAddress[row];
  }

  void copy(int row, TlbRows from) {
    valid[row] = from.valid[row];
    stale[row] = from.stale[row];
    global[row] = from.global[row];
    asid[row] = from.asid[row];
    level[row] = from.level[row];
    page[row] = from.page[row];
    leaf[row] = from.leaf[row];
    entryAddress[row] = from.entryAddress[row];
  }
}
