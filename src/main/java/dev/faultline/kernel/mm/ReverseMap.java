package dev.faultline.kernel.mm;

import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way back from a frame to every entry that maps it ({@code mm/rmap.c}).
 *
 * <p>Linux finds those entries by way of objects: a page knows its file or its anon_vma, that knows
 * the VMAs, and each may map the page or not. Here every frame has the list of its entries itself,
 * as in the pte chains of Linux 2.5. That is exact whatever fork, mremap, splits and merges did to
 * VMAs, because only {@link PageTables} changes it, in the method that changes the entry.
 *
 * <p>The list is linked both ways through the entries: each table has, beside its 512 entries, the
 * number of the next and of the previous entry of the same frame. So nothing is allocated for a
 * mapping, and it takes a few stores to add or remove one, even when the frame is the zero page
 * with a hundred thousand of them.
 *
 * <p>A superpage's leaf stands in the list of its first frame, and maps the 511 frames after it
 * too.
 *
 * <p>Invariant: the list of a frame, with the superpages in the list of the first frame of its 512,
 * holds exactly its {@link Reference#MAPPING} references.
 */
public final class ReverseMap {
  /** Told of each mapping of a frame. */
  @FunctionalInterface
  public interface Visitor {
    void mapping(PageTables tables, long va, long entryAddress, long entry);
  }

  /** The number of an entry is its physical address over 8; frame 0 is no table. */
  private static final int NONE = 0;

  private static final int FIRST_FRAMES = 32;

  /** The links of the entries of one table. */
  private static final class Links {
    final PageTables owner;
    final int level;
    final long base;
    final int[] next = new int[PagingMode.ENTRIES];
    final int[] previous = new int[PagingMode.ENTRIES];

    Links(PageTables owner, int level, long va) {
      this.owner = owner;
      this.level = level;
      this.base = va & -PagingMode.span(level + 1);
    }
  }

  private final PhysicalMemory memory;
  private @Nullable Links[] tables = new Links[FIRST_FRAMES];

  /** The entry that mapped a frame last. */
  private int[] first = new int[FIRST_FRAMES];

  public ReverseMap(PhysicalMemory memory) {
    this.memory = memory;
  }

  /** An entry that translates {@code va} is about to say something else. */
  void replace(PageTables owner, int level, long va, long entryAddress, long before, long after) {
    boolean wasPresent = Entry.isPresent(before);
    boolean isPresent = Entry.isPresent(after);
    if (wasPresent && isPresent && Entry.ppn(before) == Entry.ppn(after)) {
      return;
    }
    int entry = (int) (entryAddress >>> 3);
    if (wasPresent) {
      unlink(entry, (int) Entry.ppn(before));
    }
    if (isPresent) {
      link(owner, level, va, entry, (int) Entry.ppn(after));
    }
  }

  private void link(PageTables owner, int level, long va, int entry, int ppn) {
    if (ppn >= first.length) {
      first = Arrays.copyOf(first, Math.max(first.length * 2, ppn + 1));
    }
    int frame = entry / PagingMode.ENTRIES;
    if (frame >= tables.length) {
      tables = Arrays.copyOf(tables, Math.max(tables.length * 2, frame + 1));
    }
    Links table = tables[frame];
    if (table == null) {
      table = new Links(owner, level, va);
      tables[frame] = table;
    }
    int head = first[ppn];
    table.next[entry % PagingMode.ENTRIES] = head;
    table.previous[entry % PagingMode.ENTRIES] = NONE;
    if (head != NONE) {
      table(head).previous[head % PagingMode.ENTRIES] = entry;
    }
    first[ppn] = entry;
  }

  private void unlink(int entry, int ppn) {
    Links table = table(entry);
    int next = table.next[entry % PagingMode.ENTRIES];
    int previous = table.previous[entry % PagingMode.ENTRIES];
    if (next != NONE) {
      table(next).previous[next % PagingMode.ENTRIES] = previous;
    }
    if (previous == NONE) {
      first[ppn] = next;
    } else {
      table(previous).next[previous % PagingMode.ENTRIES] = next;
    }
  }

  private Links table(int entry) {
    return Objects.requireNonNull(tables[entry / PagingMode.ENTRIES]);
  }

  /** A table is about to be freed: nothing in it maps anything any more. */
  void forgetTable(long ppn) {
    if (ppn < tables.length) {
      tables[(int) ppn] = null;
    }
  }

  /** Visits every entry that maps a frame, the latest first; the visitor may clear it. */
  public void forEachMapping(long ppn, Visitor visitor) {
    visit(ppn, 0, 0, visitor);
    visit(ppn & -PagingMode.ENTRIES, 1, ppn % PagingMode.ENTRIES, visitor);
  }

  /** Visits every superpage that maps a frame; the visitor may split it. */
  void forEachSuperpage(long ppn, Visitor visitor) {
    visit(ppn & -PagingMode.ENTRIES, 1, ppn % PagingMode.ENTRIES, visitor);
  }

  private void visit(long listed, int level, long page, Visitor visitor) {
    int entry = listed < first.length ? first[(int) listed] : NONE;
    while (entry != NONE) {
      Links table = table(entry);
      int index = entry % PagingMode.ENTRIES;
      int next = table.next[index];
      if (table.level == level) {
        long address = entry * 8L;
        long va = table.base + index * PagingMode.span(level) + page * PagingMode.span(0);
        visitor.mapping(table.owner, va, address, memory.load(address, 8));
      }
      entry = next;
    }
  }
}
