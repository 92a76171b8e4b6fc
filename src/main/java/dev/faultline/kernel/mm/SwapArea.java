package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.SwapSlot;
import dev.faultline.machine.memory.PhysicalMemory;
import java.util.Arrays;

/**
 * Where pages are that left memory and belong to no file ({@code mm/swapfile.c}): slots of one page
 * each on the disk. It owns who refers to them.
 *
 * <p>Invariant, for each slot in use: {@code refs = entries + cached}, and {@code refs > 0}. An
 * entry of a page table that names the slot is one reference; a page of shared anonymous memory
 * that is swapped out is one of the page cache's. A slot that nobody refers to is free at once.
 *
 * <p>There is no swap cache: a page that two processes share is read once for each of them.
 */
public final class SwapArea {
  /** Who refers to a slot. */
  public enum Holder {
    /** A page-table entry names it. */
    ENTRY(SwapSlot.ENTRIES),
    /** The page cache has its page there. */
    CACHE(SwapSlot.CACHED);

    private final SwapSlot column;

    Holder(SwapSlot column) {
      this.column = column;
    }
  }

  private static final int WIDTH = SwapSlot.values().length;
  private static final int FIRST_SLOTS = 32;

  private final int total;
  private final PhysicalMemory memory;
  private final ChangeLog log;
  private long reads;

  /** A row a slot, in the columns of the log's table, as far as slots were ever used. */
  private long[] rows = new long[FIRST_SLOTS * WIDTH];

  private byte[][] pages = new byte[FIRST_SLOTS][];
  private int[] freed = new int[FIRST_SLOTS];
  private int freedCount;

  /** Slots count from 1, so that no entry that names one is 0. */
  private int nextNeverUsed = 1;

  private final long[] totals = new long[Holder.values().length];

  /**
   * @param slots how many slots there are; 0 switches swapping off
   */
  public SwapArea(int slots, PhysicalMemory memory, ChangeLog log) {
    this.total = slots;
    this.memory = memory;
    this.log = log;
  }

  public int total() {
    return total;
  }

  public int free() {
    return total - (nextNeverUsed - 1) + freedCount;
  }

  /**
   * Writes a frame's bytes to a free slot, of which there must be one.
   *
   * @param entries how many page-table entries will name the slot
   * @param cached 1 when the page cache will
   * @param pid whose page it is, 0 for nobody's
   * @param inode the file that the page is or was copied from, 0 for none
   */
  long write(long ppn, long entries, long cached, long pid, long inode, long page) {
    int slot = freedCount > 0 ? freed[--freedCount] : nextNeverUsed++;
    if ((slot + 1) * WIDTH > rows.length) {
      rows = Arrays.copyOf(rows, rows.length * 2);
      pages = Arrays.copyOf(pages, pages.length * 2);
    }
    byte[] bytes = new byte[PhysicalMemory.FRAME_SIZE];
    memory.get(ppn << PhysicalMemory.FRAME_SHIFT, bytes, 0, bytes.length);
    pages[slot] = bytes;
    log.step(StepKind.WRITES_SLOT, ppn, slot);
    set(slot, SwapSlot.SLOT, slot);
    set(slot, SwapSlot.REFS, entries + cached);
    set(slot, SwapSlot.ENTRIES, entries);
    set(slot, SwapSlot.CACHED, cached);
    set(slot, SwapSlot.PID, pid);
    set(slot, SwapSlot.INODE, inode);
    set(slot, SwapSlot.PAGE, page);
    totals[Holder.ENTRY.ordinal()] += entries;
    totals[Holder.CACHE.ordinal()] += cached;
    writeRow(log.insert(Table.SWAP_SLOT, slot), slot);
    return slot;
  }

  /** How often a slot was read. */
  long reads() {
    return reads;
  }

  /** Reads a slot into a frame. */
  void read(long slot, long ppn) {
    reads++;
    log.step(StepKind.READS_SLOT, slot, ppn);
    memory.put(ppn << PhysicalMemory.FRAME_SHIFT, pages[(int) slot], 0, PhysicalMemory.FRAME_SIZE);
  }

  /** The bytes of a slot; the page cache cuts pages that are not in memory here. */
  byte[] bytes(long slot) {
    return pages[(int) slot];
  }

  /** Adds a reference. */
  void get(long slot, Holder holder) {
    change((int) slot, holder, 1);
  }

  /** Drops a reference; a slot that loses its last one is free. */
  void put(long slot, Holder holder) {
    int number = (int) slot;
    change(number, holder, -1);
    if (refs(slot) == 0) {
      log.step(StepKind.FREES_SLOT, slot);
      writeRow(log.delete(Table.SWAP_SLOT, slot), number);
      pages[number] = new byte[0];
      if (freedCount == freed.length) {
        freed = Arrays.copyOf(freed, freedCount * 2);
      }
      freed[freedCount++] = number;
    }
  }

  private void change(int slot, Holder holder, int by) {
    long refs = at(slot, SwapSlot.REFS);
    long count = at(slot, holder.column);
    if (refs == 0 || count + by < 0) {
      throw new IllegalStateException(
          "slot " + slot + ": " + refs + " refs, " + count + " " + holder);
    }
    log.update(Table.SWAP_SLOT, slot)
        .column(SwapSlot.REFS, refs, refs + by)
        .column(holder.column, count, count + by)
        .end();
    set(slot, SwapSlot.REFS, refs + by);
    set(slot, holder.column, count + by);
    totals[holder.ordinal()] += by;
  }

  /** How many references of one kind there are to all slots together. */
  public long total(Holder holder) {
    return totals[holder.ordinal()];
  }

  long refs(long slot) {
    return at((int) slot, SwapSlot.REFS);
  }

  long count(long slot, Holder holder) {
    return at((int) slot, holder.column);
  }

  long inode(long slot) {
    return at((int) slot, SwapSlot.INODE);
  }

  long page(long slot) {
    return at((int) slot, SwapSlot.PAGE);
  }

  /** Gives every slot in use with its values to {@code reader}. */
  public void forEachRow(RowReader reader) {
    for (int slot = 1; slot < nextNeverUsed; slot++) {
      if (at(slot, SwapSlot.REFS) > 0) {
        reader.row(
            Table.SWAP_SLOT, slot, Arrays.copyOfRange(rows, slot * WIDTH, (slot + 1) * WIDTH));
      }
    }
  }

  private void writeRow(ChangeLog record, int slot) {
    for (int column = 0; column < WIDTH; column++) {
      record.value(rows[slot * WIDTH + column]);
    }
    record.end();
  }

  private long at(int slot, SwapSlot column) {
    return rows[slot * WIDTH + column.ordinal()];
  }

  private void set(int slot, SwapSlot column, long value) {
    rows[slot * WIDTH + column.ordinal()] = value;
  }
}
