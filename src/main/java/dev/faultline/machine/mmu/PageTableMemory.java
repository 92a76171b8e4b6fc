package dev.faultline.machine.mmu;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Pte;
import dev.faultline.machine.memory.PhysicalMemory;

/**
 * The only writer of page-table entries: each write goes to the table's real bytes and to the log
 * together, and rows of the TLB that no longer agree are marked stale.
 */
public final class PageTableMemory {
  private final PhysicalMemory memory;
  private final Tlb tlb;
  private final ChangeLog log;
  private long leaves;
  private long pointers;

  public PageTableMemory(PhysicalMemory memory, Tlb tlb, ChangeLog log) {
    this.memory = memory;
    this.tlb = tlb;
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
    memory.store(address, 8, value);
    count(old, -1);
    count(value, 1);
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
    tlb.compare(address, value);
  }

  private void count(long entry, int by) {
    if (Entry.isLeaf(entry)) {
      leaves += by;
    } else if (Entry.isValid(entry)) {
      pointers += by;
    }
  }

  /** How many leaves there are in all tables. */
  public long leaves() {
    return leaves;
  }

  /** How many entries that point to another table there are. */
  public long pointers() {
    return pointers;
  }

  /** Sets A, or A and D, in a valid leaf. */
  void mark(long address, long old, long value) {
    memory.store(address, 8, value);
    log.update(Table.PTE, address).column(Pte.VALUE, old, value).end();
    tlb.compare(address, value);
  }
}
