package dev.faultline.kernel.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one file that are in memory, by their number ({@code i_pages} of {@code struct
 * address_space}). Sixty-four neighbours share a leaf, as in Linux's xarray: going from one page to
 * the next mostly stays in the leaf that was used last, and what is done to a range costs what lies
 * in it, however much else is cached.
 */
final class FilePages {
  private static final int LEAF_SHIFT = 6;
  private static final int LEAF_PAGES = 1 << LEAF_SHIFT;

  private static final class Leaf {
    final @Nullable CachedPage[] pages = new CachedPage[LEAF_PAGES];
    int count;
  }

  private final NavigableMap<Long, Leaf> leaves = new TreeMap<>();
  private @Nullable Leaf recent;
  private long recentNumber;
  private int size;

  int size() {
    return size;
  }

  @Nullable CachedPage get(long page) {
    Leaf leaf = leaf(page >>> LEAF_SHIFT);
    return leaf == null ? null : leaf.pages[within(page)];
  }

  private @Nullable Leaf leaf(long number) {
    if (recent == null || recentNumber != number) {
      recent = leaves.get(number);
      recentNumber = number;
    }
    return recent;
  }

  private static int within(long page) {
    return (int) page & LEAF_PAGES - 1;
  }

  /** Adds a page that is not there yet. */
  void add(CachedPage cached) {
    long number = cached.page >>> LEAF_SHIFT;
    Leaf leaf = leaf(number);
    if (leaf == null) {
      leaf = new Leaf();
      leaves.put(number, leaf);
      recent = leaf;
    }
    leaf.pages[within(cached.page)] = cached;
    leaf.count++;
    size++;
  }

  /** Removes a page that is there. */
  void remove(CachedPage cached) {
    long number = cached.page >>> LEAF_SHIFT;
    Leaf leaf = leaves.get(number);
    if (leaf == null || leaf.pages[within(cached.page)] != cached) {
      throw new IllegalStateException("page " + cached.page + " is not cached");
    }
    leaf.pages[within(cached.page)] = null;
    size--;
    if (--leaf.count == 0) {
      leaves.remove(number);
      recent = null;
    }
  }

  /** The pages from one on and before another, in their order; a list of its own. */
  List<CachedPage> between(long firstPage, long endPage) {
    List<CachedPage> found = new ArrayList<>();
    if (firstPage < endPage) {
      leaves
          .subMap(firstPage >>> LEAF_SHIFT, true, endPage - 1 >>> LEAF_SHIFT, true)
          .values()
          .forEach(leaf -> collect(leaf, firstPage, endPage, found));
    }
    return found;
  }

  private static void collect(Leaf leaf, long firstPage, long endPage, List<CachedPage> found) {
    for (CachedPage cached : leaf.pages) {
      if (cached != null && cached.page >= firstPage && cached.page < endPage) {
        found.add(cached);
      }
    }
  }
}
