package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PageTableMemory;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The page tables of one address space, as the kernel works on them: real tables in frames, made
 * when first needed and freed when no VMA needs them any more ({@code free_pgtables}).
 *
 * <p>Invariants: the root is pinned; every other table has exactly one parent entry, which is its
 * one reference; every present leaf is one mapping reference of its frame, or of each of its 512
 * frames, and known to the {@link ReverseMap}; for every superpage a table waits, pinned, to take
 * its place when it is split.
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
  private final TlbFlush flush;
  private final FrameTable frames;
  private final ReverseMap reverse;
  private final ChangeLog log;
  private final long root;

  /** The tables that wait for superpages to be split, by the address of the superpage's leaf. */
  private final Map<Long, Long> deposits = new HashMap<>();

  /**
   * @throws OutOfFrames when there is no frame for the root table
   */
  PageTables(
      AddressSpace space,
      PhysicalMemory memory,
      PageTableMemory entries,
      TlbFlush flush,
      FrameTable frames,
      ReverseMap reverse,
      ChangeLog log) {
    this.space = space;
    this.mode = space.mode();
    this.memory = memory;
    this.entries = entries;
    this.flush = flush;
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
   * The physical address of the entry that translates or would translate an address: the last
   * level's or a superpage's; -1 when there is no table for it yet.
   */
  long find(long va) {
    long middle = findMiddle(va);
    long entry = middle < 0 ? 0 : entries.load(middle);
    if (entry == 0) {
      return -1;
    }
    return Entry.isLeaf(entry) ? middle : entryAddress(Entry.ppn(entry), va, 0);
  }

  /** The physical address of the entry of level 1 for an address, or -1. */
  private long findMiddle(long va) {
    long table = root;
    for (int level = mode.levels() - 1; level > 1; level--) {
      long entry = entries.load(entryAddress(table, va, level));
      if (!Entry.isValid(entry)) {
        return -1;
      }
      table = Entry.ppn(entry);
    }
    return entryAddress(table, va, 1);
  }

  /**
   * The physical address of the last level's entry for an address, with the tables above it made as
   * needed; a superpage there is split.
   *
   * @throws OutOfFrames when there is no frame for a table; tables made by then stay, empty
   */
  long findOrMake(long va) {
    if (superpage(va) >= 0) {
      split(va);
    }
    return findOrMake(va, 0);
  }

  /** The same for the entry of level 1. */
  long findOrMakeMiddle(long va) {
    return findOrMake(va, 1);
  }

  private long findOrMake(long va, int wanted) {
    long table = root;
    for (int level = mode.levels() - 1; level > wanted; level--) {
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
    return entryAddress(table, va, wanted);
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

  /** Writes a leaf, or the entry of a swapped-out page. */
  void write(long entryAddress, long va, long value) {
    long before = entries.load(entryAddress);
    log.step(StepKind.WRITES_ENTRY, entryAddress, before, value);
    store(entryAddress, leafLevel(entryAddress), va, before, value);
  }

  /** Clears an entry of the last level, or a superpage's leaf, whose table no longer waits. */
  void clear(long entryAddress, long va) {
    store(entryAddress, leafLevel(entryAddress), va, entries.load(entryAddress), 0);
    Long table = deposits.isEmpty() ? null : deposits.remove(entryAddress);
    if (table != null) {
      frames.put(table, Reference.PIN);
    }
  }

  private void store(long entryAddress, int level, long va, long before, long value) {
    long start = va & -PagingMode.span(level);
    reverse.replace(this, level, start, entryAddress, before, value);
    entries.store(entryAddress, value, space.pid(), level, start);
  }

  // Superpages.

  /** The physical address of the leaf of the superpage around an address, or -1. */
  long superpage(long va) {
    long middle = findMiddle(va);
    return middle >= 0 && isSuperpage(middle) ? middle : -1;
  }

  private int leafLevel(long entryAddress) {
    return isSuperpage(entryAddress) ? 1 : 0;
  }

  private boolean isSuperpage(long entryAddress) {
    return !deposits.isEmpty() && deposits.containsKey(entryAddress);
  }

  /** True when neither a table nor a superpage is in the way of one. */
  boolean hasRoomForSuperpage(long va) {
    long middle = findMiddle(va);
    return middle < 0 || entries.load(middle) == 0;
  }

  /**
   * Takes the table that a superpage will be split into, before the superpage is mapped by this
   * entry.
   *
   * @throws OutOfFrames when there is no frame
   */
  void deposit(long entryAddress) {
    long table = frames.take(FrameKind.TABLE, Reference.PIN, space.pid());
    memory.zeroFrame(table);
    deposits.put(entryAddress, table);
  }

  /** The tables that wait. */
  Collection<Long> deposits() {
    return deposits.values();
  }

  /** The frame that an entry maps an address to, be it of a page or of a superpage. */
  long ppn(long va, long entry) {
    return Entry.ppn(entry) + (superpage(va) < 0 ? 0 : PagingMode.index(va, 0));
  }

  /** The leaf of one page of a superpage. */
  static long small(long leaf, int page) {
    return Entry.of(Entry.ppn(leaf) + page, leaf & Entry.FLAGS);
  }

  /** Splits the superpage that an address, which does not begin one, lies in. */
  void splitAt(long va) {
    if ((va & PagingMode.span(1) - 1) != 0 && superpage(va) >= 0) {
      split(va);
    }
  }

  /** Moves a superpage, and the table that waits for it, to where there is room for it. */
  void moveSuperpage(long va, long newVa) {
    long from = superpage(va);
    long to = findOrMakeMiddle(newVa);
    long leaf = entries.load(from);
    store(from, 1, va, leaf, 0);
    deposits.put(to, Objects.requireNonNull(deposits.remove(from)));
    write(to, newVa, leaf);
  }

  /**
   * Lets a table whose entries are all 0 wait for the split of the superpage that comes in its
   * place; gives the address of that one's leaf.
   */
  long depositEmptied(long va) {
    long middle = findMiddle(va);
    long table = Entry.ppn(entries.load(middle));
    entries.store(middle, 0, space.pid(), 1, va);
    reverse.forgetTable(table);
    frames.get(table, Reference.PIN);
    frames.put(table, Reference.PARENT);
    deposits.put(middle, table);
    return middle;
  }

  /**
   * Makes 512 small pages of the superpage around an address ({@code __split_huge_pmd}): the same
   * frames with the same permissions, now by a table.
   */
  void split(long va) {
    long middle = superpage(va);
    long start = va & -PagingMode.span(1);
    long leaf = entries.load(middle);
    long table = Objects.requireNonNull(deposits.remove(middle));
    log.step(StepKind.SPLITS_SUPERPAGE, start, Entry.ppn(leaf), table);
    reverse.replace(this, 1, start, middle, leaf, 0);
    for (int page = 0; page < PagingMode.ENTRIES; page++) {
      long pageVa = start + page * PagingMode.span(0);
      store(entryAddress(table, pageVa, 0), 0, pageVa, 0, small(leaf, page));
    }
    frames.get(table, Reference.PARENT);
    frames.put(table, Reference.PIN);
    entries.store(middle, Entry.of(table, Entry.V), space.pid(), 1, start);
    flush.page(space, start);
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

  /** The same, but superpages that lie wholly in the range stay whole. */
  void forEachLeaf(long start, long end, LeafVisitor visitor, LeafVisitor superpages) {
    forEachPage(
        start,
        end,
        (va, entryAddress, entry) -> {
          if (Entry.isPresent(entry)) {
            visitor.leaf(va, entryAddress, entry);
          }
        },
        superpages);
  }

  /**
   * Visits every entry of the last level that has a page, be it present or swapped out. Superpages
   * in the range are split first.
   */
  void forEachPage(long start, long end, LeafVisitor visitor) {
    visit(root, 0, mode.levels() - 1, start, end, visitor, null);
  }

  /**
   * The same, but a superpage that lies wholly in the range stays whole, and {@code superpages} is
   * told of its leaf; one that lies there in part is split.
   */
  void forEachPage(long start, long end, LeafVisitor visitor, LeafVisitor superpages) {
    visit(root, 0, mode.levels() - 1, start, end, visitor, superpages);
  }

  private void visit(
      long table,
      long base,
      int level,
      long start,
      long end,
      LeafVisitor visitor,
      @Nullable LeafVisitor superpages) {
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
      } else if (!Entry.isLeaf(entry)) {
        visit(Entry.ppn(entry), va, level - 1, start, end, visitor, superpages);
      } else if (superpages != null && start <= va && va + span <= end) {
        superpages.leaf(va, address, entry);
      } else {
        split(va);
        visit(Entry.ppn(entries.load(address)), va, level - 1, start, end, visitor, superpages);
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
      if (!Entry.isValid(entry) || Entry.isLeaf(entry)) {
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
        if (level > 0 && !Entry.isLeaf(entry)) {
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
