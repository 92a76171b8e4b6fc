package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PageTableMemory;
import dev.faultline.machine.mmu.PagingMode;

/**
 * The page tables of one address space, as the kernel works on them: real tables in frames, made
 * when first needed and freed when no VMA needs them any more ({@code free_pgtables}).
 *
 * <p>Invariants: the root is pinned; every other table has exactly one parent entry, which is its
 * one reference; every present leaf is one mapping reference of its frame, and known to the {@link
 * ReverseMap}.
 */
public final class PageTables {
  /** Told of each entry of the last level that is cleared or looked at. */
  @FunctionalInterface
  interface LeafVisitor {
    void leaf(long va, long entryAddress, long entry);
  }

  private final AddressSpace space;
  private final PagingMode mode;
  private final PhysicalMemory memory;
  private final PageTableMemory entries;
  private final FrameTable frames;
  private final ReverseMap reverse;
  private final ChangeLog log;
  private final long root;

  /**
   * @throws OutOfFrames when there is no frame for the root table
   */
  PageTables(
      AddressSpace space,
      PhysicalMemory memory,
      PageTableMemory entries,
      FrameTable frames,
      ReverseMap reverse,
      ChangeLog log) {
    this.space = space;
    this.mode = space.mode();
    this.memory = memory;
    this.entries = entries;
    this.frames = frames;
    this.reverse = reverse;
    this.log = log;
    root = frames.take(FrameKind.TABLE, Reference.PIN, space.pid());
    memory.zeroFrame(root);
  }

  /** Whose they are. */
  public AddressSpace space() {
    return space;
  }

  /** The frame of the root table. */
  public long root() {
    return root;
  }

  /**
   * The physical address of the last level's entry for an address, or -1 when there is no table for
   * it yet.
   */
  long find(long va) {
    long table = root;
    for (int level = mode.levels() - 1; level > 0; level--) {
      long entry = entries.load(entryAddress(table, va, level));
      if (!Entry.isValid(entry)) {
        return -1;
      }
      table = Entry.ppn(entry);
    }
    return entryAddress(table, va, 0);
  }

  /**
   * The physical address of the last level's entry for an address, with the tables above it made as
   * needed.
   *
   * @throws OutOfFrames when there is no frame for a table; tables made by then stay, empty
   */
  long findOrMake(long va) {
    long table = root;
    for (int level = mode.levels() - 1; level > 0; level--) {
      long address = entryAddress(table, va, level);
      long entry = entries.load(address);
      if (!Entry.isValid(entry)) {
        long below = frames.take(FrameKind.TABLE, Reference.PARENT, space.pid());
        memory.zeroFrame(below);
        entry = Entry.of(below, Entry.V);
        log.step(StepKind.LINKS_TABLE, level, address, below);
        entries.store(address, entry, space.pid(), level, va & -PagingMode.span(level));
      }
      table = Entry.ppn(entry);
    }
    return entryAddress(table, va, 0);
  }

  /** How many tables {@link #findOrMake} would have to make for an address. */
  int missing(long va) {
    long table = root;
    for (int level = mode.levels() - 1; level > 0; level--) {
      long entry = entries.load(entryAddress(table, va, level));
      if (!Entry.isValid(entry)) {
        return level;
      }
      table = Entry.ppn(entry);
    }
    return 0;
  }

  /**
   * As {@link #missing(long)}, when those for another address will have been made.
   *
   * @param made the other address, -1 for none
   */
  int missing(long va, long made) {
    int missing = missing(va);
    if (made >= 0) {
      while (missing > 0 && made / PagingMode.span(missing) == va / PagingMode.span(missing)) {
        missing--;
      }
    }
    return missing;
  }

  private static long entryAddress(long table, long va, int level) {
    return (table << PhysicalMemory.FRAME_SHIFT) + PagingMode.index(va, level) * 8L;
  }

  long load(long entryAddress) {
    return entries.load(entryAddress);
  }

  /** Writes a leaf, or the entry of a swapped-out page, of the last level. */
  void write(long entryAddress, long va, long value) {
    log.step(StepKind.WRITES_ENTRY, entryAddress, entries.load(entryAddress), value);
    store(entryAddress, va, value);
  }

  /** Clears an entry of the last level. */
  void clear(long entryAddress, long va) {
    store(entryAddress, va, 0);
  }

  private void store(long entryAddress, long va, long value) {
    long page = va & -PagingMode.span(0);
    reverse.replace(this, page, entryAddress, entries.load(entryAddress), value);
    entries.store(entryAddress, value, space.pid(), 0, page);
  }

  /** Visits every present leaf that translates an address from {@code start} up to {@code end}. */
  void forEachLeaf(long start, long end, LeafVisitor visitor) {
    forEachPage(
        start,
        end,
        (va, entryAddress, entry) -> {
          if (Entry.isPresent(entry)) {
            visitor.leaf(va, entryAddress, entry);
          }
        });
  }

  /** Visits every entry of the last level that has a page, be it present or swapped out. */
  void forEachPage(long start, long end, LeafVisitor visitor) {
    visit(root, 0, mode.levels() - 1, start, end, visitor);
  }

  private void visit(long table, long base, int level, long start, long end, LeafVisitor visitor) {
    long span = PagingMode.span(level);
    int from = start <= base ? 0 : (int) ((start - base) / span);
    for (int index = from; index < PagingMode.ENTRIES; index++) {
      long va = base + index * span;
      if (va >= end) {
        return;
      }
      long address = (table << PhysicalMemory.FRAME_SHIFT) + index * 8L;
      long entry = entries.load(address);
      if (entry == 0) {
        continue;
      }
      if (level == 0) {
        visitor.leaf(va, address, entry);
      } else {
        visit(Entry.ppn(entry), va, level - 1, start, end, visitor);
      }
    }
  }

  /**
   * Frees the tables that cover any of a range that was unmapped, where no VMA needs them any more.
   */
  void freeUnneeded(long start, long end, VmaTree vmas) {
    freeUnneeded(root, 0, mode.levels() - 1, start, end, vmas);
  }

  private void freeUnneeded(long table, long base, int level, long start, long end, VmaTree vmas) {
    if (level == 0) {
      return;
    }
    long span = PagingMode.span(level);
    int from = start <= base ? 0 : (int) ((start - base) / span);
    for (int index = from; index < PagingMode.ENTRIES; index++) {
      long va = base + index * span;
      if (va >= end) {
        return;
      }
      long address = (table << PhysicalMemory.FRAME_SHIFT) + index * 8L;
      long entry = entries.load(address);
      if (!Entry.isValid(entry)) {
        continue;
      }
      freeUnneeded(Entry.ppn(entry), va, level - 1, start, end, vmas);
      if (!vmas.overlaps(va, va + span)) {
        log.step(StepKind.UNLINKS_TABLE, level, address, Entry.ppn(entry));
        entries.store(address, 0, space.pid(), level, va);
        reverse.forgetTable(Entry.ppn(entry));
        frames.put(Entry.ppn(entry), Reference.PARENT);
      }
    }
  }

  /** Frees the root, when everything below it is gone. */
  void freeRoot() {
    frames.put(root, Reference.PIN);
  }

  /**
   * Visits every entry of every level that is not 0: its level, its physical address, its first
   * address, its value.
   */
  void forEachEntry(EntryVisitor visitor) {
    visitAll(root, 0, mode.levels() - 1, visitor);
  }

  private void visitAll(long table, long base, int level, EntryVisitor visitor) {
    for (int index = 0; index < PagingMode.ENTRIES; index++) {
      long address = (table << PhysicalMemory.FRAME_SHIFT) + index * 8L;
      long entry = entries.load(address);
      if (entry != 0) {
        long va = base + index * PagingMode.span(level);
        visitor.entry(level, address, va, entry);
        if (level > 0) {
          visitAll(Entry.ppn(entry), va, level - 1, visitor);
        }
      }
    }
  }

  /** Told of every entry. */
  @FunctionalInterface
  interface EntryVisitor {
    void entry(int level, long address, long va, long value);
  }
}
