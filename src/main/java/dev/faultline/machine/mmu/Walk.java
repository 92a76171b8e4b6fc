package dev.faultline.machine.mmu;

import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;

/**
 * The walk through the tables, as the Privileged Architecture numbers it ("Virtual Address
 * Translation Process"), for an access from U-mode. It reads real entries, has no side effects and
 * tells an observer each step, so that the hart's own translations and a question from outside take
 * the same path.
 */
public final class Walk {
  /** Values of the log's {@code ENTRY_BIT} format. */
  private static final int BIT_V = 0;

  private static final int BIT_R = 1;
  private static final int BIT_W = 2;
  private static final int BIT_X = 3;
  private static final int BIT_U = 4;
  static final int BIT_A = 6;
  static final int BIT_D = 7;
  private static final int W_WITHOUT_R = 8;
  private static final int RESERVED = 9;
  private static final int MISALIGNED = 10;
  private static final int NO_LEAF = 11;

  private final PhysicalMemory memory;
  private final PagingMode mode;

  private long leaf;
  private long entryAddress;
  private int level;

  public Walk(PhysicalMemory memory, PagingMode mode) {
    this.memory = memory;
    this.mode = mode;
  }

  /** The leaf that the last successful walk ended at. */
  public long leaf() {
    return leaf;
  }

  public long entryAddress() {
    return entryAddress;
  }

  public int level() {
    return level;
  }

  /** True when all bits of an address above the translated ones equal the highest of those. */
  static boolean isCanonical(long va, PagingMode mode) {
    int unused = 64 - mode.addressBits();
    return va << unused >> unused == va;
  }

  /**
   * Walks; false is a page fault, whose reason the observer has been told. A and D are not looked
   * at: who sets them (step 9) depends on the hart.
   */
  public boolean run(long root, long va, Access access, WalkObserver observer) {
    if (!isCanonical(va, mode)) {
      observer.notCanonical(mode.addressBits() - 1, va);
      return false;
    }
    // 1. a = satp.ppn * PAGESIZE, i = LEVELS - 1.
    long table = root << PhysicalMemory.FRAME_SHIFT;
    for (level = mode.levels() - 1; ; level--) {
      // 2. pte is the value at a + va.vpn[i] * PTESIZE.
      int index = PagingMode.index(va, level);
      entryAddress = table + index * 8L;
      long entry = memory.load(entryAddress, 8);
      // 3. V clear, W without R, or a reserved bit set: page fault.
      int unusable = unusableBit(entry, level);
      if (unusable >= 0) {
        observer.unusable(level, index, entryAddress, entry, unusable);
        return false;
      }
      if (Entry.isLeaf(entry)) {
        leaf = entry;
        observer.reads(StepKind.READS_LEAF, level, index, entryAddress, entry, Entry.ppn(entry));
        break;
      }
      // 4. A pointer to the next level's table.
      observer.reads(StepKind.READS_POINTER, level, index, entryAddress, entry, Entry.ppn(entry));
      table = Entry.ppn(entry) << PhysicalMemory.FRAME_SHIFT;
    }
    // 6, 7. Is this access, from U-mode, allowed by U and by R, W or X?
    int forbidding = forbiddingBit(leaf, access);
    if (forbidding >= 0) {
      observer.forbids(forbidding, leaf & Entry.FLAGS, access);
      return false;
    }
    return true;
  }

  private int unusableBit(long entry, int atLevel) {
    if (!Entry.isValid(entry)) {
      return BIT_V;
    }
    if ((entry & (Entry.R | Entry.W)) == Entry.W) {
      return W_WITHOUT_R;
    }
    boolean isLeaf = Entry.isLeaf(entry);
    if ((entry & Entry.RESERVED) != 0 || !isLeaf && (entry & (Entry.D | Entry.A | Entry.U)) != 0) {
      return RESERVED;
    }
    if (!isLeaf) {
      boolean reachable =
          memory.holds(Entry.ppn(entry) << PhysicalMemory.FRAME_SHIFT, PhysicalMemory.FRAME_SIZE);
      return atLevel > 0 && reachable ? -1 : NO_LEAF;
    }
    // 5. A superpage whose frame number has low bits set is misaligned.
    long low = (1L << PagingMode.INDEX_BITS * atLevel) - 1;
    return (Entry.ppn(entry) & low) != 0 ? MISALIGNED : -1;
  }

  static int forbiddingBit(long leaf, Access access) {
    if ((leaf & Entry.U) == 0) {
      return BIT_U;
    }
    if ((leaf & access.permission()) != 0) {
      return -1;
    }
    return switch (access) {
      case LOAD -> BIT_R;
      case STORE -> BIT_W;
      case FETCH -> BIT_X;
    };
  }

  /**
   * The physical address that the last successful walk gives for the address that it was made for.
   */
  public long physical(long va) {
    return physical(leaf, level, va);
  }

  /** The physical address that a leaf of some level gives for an address. */
  static long physical(long leaf, int level, long va) {
    long offset = va & PagingMode.span(level) - 1;
    return (Entry.ppn(leaf) << PhysicalMemory.FRAME_SHIFT & -PagingMode.span(level)) + offset;
  }
}
