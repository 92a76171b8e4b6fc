package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * What is in memory of some VMAs, by one walk over their page tables ({@code fs/proc/task_mmu.c},
 * {@code struct mem_size_stats}). A page that several entries map counts for each of them by its
 * part, which is kept in 4,096ths of a byte: what is lost there is lost on Linux too. The zero page
 * is nobody's and does not count.
 */
public final class MemorySizes {
  /** What is measured, with the words and in the order of {@code smaps}. */
  public enum Size {
    RSS("Rss"),
    PSS("Pss"),
    PSS_DIRTY("Pss_Dirty"),
    PSS_ANON("Pss_Anon"),
    PSS_FILE("Pss_File"),
    PSS_SHMEM("Pss_Shmem"),
    SHARED_CLEAN("Shared_Clean"),
    SHARED_DIRTY("Shared_Dirty"),
    PRIVATE_CLEAN("Private_Clean"),
    PRIVATE_DIRTY("Private_Dirty"),
    REFERENCED("Referenced"),
    ANONYMOUS("Anonymous"),
    KSM("KSM"),
    LAZY_FREE("LazyFree"),
    ANON_HUGE_PAGES("AnonHugePages"),
    SHMEM_PMD_MAPPED("ShmemPmdMapped"),
    FILE_PMD_MAPPED("FilePmdMapped"),
    SHARED_HUGETLB("Shared_Hugetlb"),
    PRIVATE_HUGETLB("Private_Hugetlb"),
    SWAP("Swap"),
    SWAP_PSS("SwapPss"),
    LOCKED("Locked");

    private final String label;

    Size(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  private static final long PAGE = 4096;
  private static final int PSS_SHIFT = 12;

  private final FrameTable frames;
  private final PageCache cache;
  private final SwapArea swap;

  /** In bytes, shifted by {@link #PSS_SHIFT}. */
  private final long[] sizes = new long[Size.values().length];

  public MemorySizes(FrameTable frames, PageCache cache, SwapArea swap) {
    this.frames = frames;
    this.cache = cache;
    this.swap = swap;
  }

  public long kilobytes(Size size) {
    return sizes[size.ordinal()] >>> PSS_SHIFT + 10;
  }

  private void add(Size size, long shifted) {
    sizes[size.ordinal()] += shifted;
  }

  /** Adds what is there of a VMA. */
  public void add(Vma vma) {
    vma.space()
        .tables()
        .forEachPage(
            vma.start(),
            vma.end(),
            (va, at, entry) -> {
              if (Entry.isSwapped(entry)) {
                addSwapped(Entry.slot(entry));
              } else if (entry != Entry.GUARD) {
                add(vma, va, entry);
              }
            },
            (va, at, leaf) -> addSuperpage(vma, va, leaf));
  }

  private void addSuperpage(Vma vma, long va, long leaf) {
    add(Size.ANON_HUGE_PAGES, PagingMode.span(1) << PSS_SHIFT);
    for (int page = 0; page < PagingMode.ENTRIES; page++) {
      add(vma, va + page * PagingMode.span(0), PageTables.small(leaf, page));
    }
  }

  private void addSwapped(long slot) {
    long page = PAGE << PSS_SHIFT;
    add(Size.SWAP, page);
    add(Size.SWAP_PSS, page / swap.count(slot, SwapArea.Holder.ENTRY));
  }

  private void add(Vma vma, long va, long entry) {
    long ppn = Entry.ppn(entry);
    FrameKind kind = frames.kind(ppn);
    if (kind == FrameKind.ZERO) {
      return;
    }
    long page = PAGE << PSS_SHIFT;
    long mappings = frames.count(ppn, Reference.MAPPING);
    long part = page / mappings;
    RegularFile file = vma.file();
    boolean anonymous = kind == FrameKind.ANON;
    // Whatever anonymous page there is was made by a write.
    boolean dirty =
        anonymous
            || (entry & Entry.D) != 0
            || file != null && cache.isDirty(file, vma.filePage(va));
    add(Size.RSS, page);
    add(Size.PSS, part);
    if (anonymous) {
      add(Size.ANONYMOUS, page);
      add(Size.PSS_ANON, part);
    } else {
      add(file != null && !file.isOnDisk() ? Size.PSS_SHMEM : Size.PSS_FILE, part);
    }
    if ((entry & Entry.A) != 0) {
      add(Size.REFERENCED, page);
    }
    if (dirty) {
      add(Size.PSS_DIRTY, part);
      add(mappings > 1 ? Size.SHARED_DIRTY : Size.PRIVATE_DIRTY, page);
    } else {
      add(mappings > 1 ? Size.SHARED_CLEAN : Size.PRIVATE_CLEAN, page);
    }
    if (vma.has(VmFlag.LOCKED)) {
      add(Size.LOCKED, part);
    }
  }
}
