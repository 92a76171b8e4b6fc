package dev.faultline.machine.mmu;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Pte;
import dev.faultline.machine.memory.PhysicalMemory;

/**
 * The kernel's writer of page-table entries: each write goes to the table's real bytes and to the
 * log together. Rows of the TLB that no longer agree become stale by that store.
 *
 * <p>In a bare-metal machine nobody owns the tables: a program's stores make entries, and the log
 * does not know them. There A and D are set in memory alone.
 */
public final class PageTableMemory {
  private final PhysicalMemory memory;
  private final boolean isOwned;
  private final ChangeLog log;
  private long leaves;
  private long pointers;
  private long swapped;

  /**
   * @param isOwned true when a kernel makes all tables, here
   */
  public PageTableMemory(PhysicalMemory memory, boolean isOwned, ChangeLog log) {
    this.memory = memory;
    this.isOwned = isOwned;
    this.log = log;
  }

  public long load(long address) {
    return memory.load(address, 8);
  }

  /**
   * Makes an entry valid, changes it or (with 0) clears it.
   *
   * @param pid the process whose tables these are
   * @param va the first address that the entry translates
   */
  public void store(long address, long value, int pid, int level, long va) {
    long old = load(address);
    count(old, level, -1);
    count(value, level, 1);
    if (old == 0) {
      log.insert(Table.PTE, address)
          .value(address)
          .value(pid)
          .value(level)
          .value(va)
          .value(value)
          .end();
    } else if (value == 0) {
      log.delete(Table.PTE, address)
          .value(address)
          .value(pid)
          .value(level)
          .value(va)
          .value(old)
          .end();
    } else {
      log.update(Table.PTE, address).column(Pte.VALUE, old, value).end();
    }
    memory.store(address, 8, value);
  }

  private void count(long entry, int level, int by) {
    if (Entry.isLeaf(entry)) {
      leaves += by * PagingMode.span(level) / PagingMode.span(0);
    } else if (Entry.isValid(entry)) {
      pointers += by;
    } else if (Entry.isSwapped(entry)) {
      swapped += by;
    }
  }

  /** How many pages the leaves of all tables map, a superpage 512. */
  public long leaves() {
    return leaves;
  }

  /** How many entries that point to another table there are. */
  public long pointers() {
    return pointers;
  }

  /** How many entries that name a swap slot there are. */
  public long swapped() {
    return swapped;
  }

  /** Sets A, or A and D, in a valid leaf. */
  void mark(long address, long old, long value) {
    if (isOwned) {
      log.update(Table.PTE, address).column(Pte.VALUE, old, value).end();
    }
    memory.store(address, 8, value);
  }
}
