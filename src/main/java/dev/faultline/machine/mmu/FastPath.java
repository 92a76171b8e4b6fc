package dev.faultline.machine.mmu;

/** The fast tables of all privilege modes, and what makes their pages invalid. */
final class FastPath {
  /** U, S, one that no mode has, M. */
  private static final int MODES = 4;

  private static final Access[] ACCESSES = Access.values();

  private final FastTable[][] tables = new FastTable[ACCESSES.length][MODES];

  /**
   * @param size of each table, a power of two
   */
  FastPath(int size) {
    for (FastTable[] ofAccess : tables) {
      for (int privilege = 0; privilege < MODES; privilege++) {
        ofAccess[privilege] = privilege == 2 ? ofAccess[1] : new FastTable(size);
      }
    }
  }

  FastTable table(int privilege, Access access) {
    return tables[access.ordinal()][privilege];
  }

  /** The rules for a mode have changed. */
  void clear(int privilege) {
    for (FastTable[] ofAccess : tables) {
      ofAccess[privilege].clear();
    }
  }

  void clear() {
    clear(Privilege.U);
    clear(Privilege.S);
    clear(Privilege.M);
  }

  /** A row of the TLB is no more; true when instructions may have been fetched by it. */
  boolean dropRow(int row, int level, long page) {
    boolean fetched = false;
    for (Access access : ACCESSES) {
      boolean found = false;
      for (int privilege = Privilege.U; privilege <= Privilege.S; privilege++) {
        FastTable table = tables[access.ordinal()][privilege];
        found |= level == 0 ? table.dropPage(page << 12) : table.dropRow(row);
      }
      fetched |= found && access == Access.FETCH;
    }
    return fetched;
  }

  /** A frame must no longer be stored to unseen. */
  void dropStores(int frameIndex) {
    for (FastTable table : tables[Access.STORE.ordinal()]) {
      table.dropFrame(frameIndex);
    }
  }
}
