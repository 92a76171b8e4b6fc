package dev.faultline.machine.mmu;

import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;

/**
 * The walk through the tables, as the Privileged Architecture numbers it ("Virtual Address
 * Translation Process"). It reads real entries, has no side effects and tells an observer each
 * step, so that the hart's own translations and a question from outside take the same path.
 */
public final class Walk {
  /** How a walk ended. */
  public enum Result {
    TRANSLATED,
    PAGE_FAULT,
    ACCESS_FAULT
  }

  /** Values of the log's {@code ENTRY_BIT} format. */
  private static final int BIT_V = 0;

  private static final int BIT_R = 1;
  private static final int BIT_W = 2;
  private static final int BIT_X = 3;
  private static final int BIT_U = 4;
  static final int BIT_A = 6;
  static final int BIT_D = 7;
  private static final int W_WITHOUT_R = 8;
  private static final int U_IN_POINTER = 9;
  private static final int MISALIGNED = 10;
  private static final int NO_LEAF = 11;
  private static final int A_IN_POINTER = 12;
  private static final int D_IN_POINTER = 13;

  /** Bit 54 of an entry; the others follow up to 63. */
  private static final int FIRST_RESERVED = 14;

  private static final int FIRST_RESERVED_BIT = 54;

  private static final int NONE = -1;

  /**
   * The step of the manual's process in which a bit (or what else the log's {@code ENTRY_BIT}
   * format names) makes a walk fail.
   */
  public static int manualStep(int bit) {
    return switch (bit) {
      case NO_LEAF -> 4;
      case MISALIGNED -> 5;
      case BIT_U -> 6;
      case BIT_R, BIT_W, BIT_X -> 8;
      case BIT_A, BIT_D -> 9;
      default -> 3;
    };
  }

  private final PhysicalMemory memory;
  private final Pmp pmp;
  private PagingMode mode;

  private int privilege = Privilege.U;
  private boolean sum;
  private boolean mxr;

  private long leaf;
  private long entryAddress;
  private int level;
  private boolean global;

  public Walk(PhysicalMemory memory, Pmp pmp, PagingMode mode) {
    this.memory = memory;
    this.pmp = pmp;
    this.mode = mode;
  }

  void setMode(PagingMode newMode) {
    mode = newMode;
  }

  /** On whose behalf accesses are checked; U-mode unless said otherwise. */
  void setContext(int newPrivilege, boolean newSum, boolean newMxr) {
    privilege = newPrivilege;
    sum = newSum;
    mxr = newMxr;
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

  /** True when the leaf, or a pointer on the way to it, has G. */
  boolean isGlobal() {
    return global;
  }

  /** True when all bits of an address above the translated ones equal the highest of those. */
  static boolean isCanonical(long va, PagingMode mode) {
    int unused = 64 - mode.addressBits();
    return va << unused >> unused == va;
  }

  /**
   * Walks. Of a fault, the observer has been told the reason. A and D are not looked at: who sets
   * them (step 9) depends on the hart.
   */
  public Result run(long root, long va, Access access, WalkObserver observer) {
    if (!isCanonical(va, mode)) {
      observer.notCanonical(mode.addressBits() - 1, va);
      return Result.PAGE_FAULT;
    }
    // 1. a = satp.ppn * PAGESIZE, i = LEVELS - 1.
    long table = root << PhysicalMemory.FRAME_SHIFT;
    global = false;
    for (level = mode.levels() - 1; ; level--) {
      // 2. pte is the value at a + va.vpn[i] * PTESIZE; PMA or PMP may forbid reading it.
      int index = PagingMode.index(va, level);
      entryAddress = table + index * 8L;
      if (!memory.holds(entryAddress, 8)
          || !pmp.allows(entryAddress, 8, Access.LOAD, Privilege.S)) {
        observer.unreadable(level, index, entryAddress);
        return Result.ACCESS_FAULT;
      }
      long entry = memory.load(entryAddress, 8);
      // 3. V clear, W without R, or a reserved bit set: page fault.
      int unusable = unusableBit(entry, level);
      if (unusable != NONE) {
        observer.unusable(level, index, entryAddress, entry, unusable);
        return Result.PAGE_FAULT;
      }
      // A global pointer makes all translations below it global ("Sv32 Addressing", bit G).
      global |= (entry & Entry.G) != 0;
      if (Entry.isLeaf(entry)) {
        leaf = entry;
        observer.reads(StepKind.READS_LEAF, level, index, entryAddress, entry, Entry.ppn(entry));
        break;
      }
      // 4. A pointer to the next level's table.
      observer.reads(StepKind.READS_POINTER, level, index, entryAddress, entry, Entry.ppn(entry));
      table = Entry.ppn(entry) << PhysicalMemory.FRAME_SHIFT;
    }
    // 6, 8. Is this access allowed by U, for this mode and SUM, and by R, W or X, with MXR? (7 is
    // about shadow stacks, an extension.)
    int forbidding = forbiddingBit(leaf, access);
    if (forbidding != NONE) {
      observer.forbids(forbidding, leaf & Entry.FLAGS, access);
      return Result.PAGE_FAULT;
    }
    return Result.TRANSLATED;
  }

  private static int unusableBit(long entry, int atLevel) {
    if (!Entry.isValid(entry)) {
      return BIT_V;
    }
    if ((entry & (Entry.R | Entry.W)) == Entry.W) {
      return W_WITHOUT_R;
    }
    boolean isLeaf = Entry.isLeaf(entry);
    if ((entry & Entry.RESERVED) != 0) {
      int lowest = Long.numberOfTrailingZeros(entry & Entry.RESERVED);
      return FIRST_RESERVED + lowest - FIRST_RESERVED_BIT;
    }
    if (!isLeaf) {
      if ((entry & (Entry.D | Entry.A | Entry.U)) != 0) {
        return (entry & Entry.U) != 0
            ? U_IN_POINTER
            : (entry & Entry.A) != 0 ? A_IN_POINTER : D_IN_POINTER;
      }
      // 4. i - 1 < 0: no level is left for a leaf.
      return atLevel > 0 ? NONE : NO_LEAF;
    }
    // 5. A superpage whose frame number has low bits set is misaligned.
    long low = (1L << PagingMode.INDEX_BITS * atLevel) - 1;
    return (Entry.ppn(entry) & low) != 0 ? MISALIGNED : NONE;
  }

  /** The bit of a leaf that forbids an access, or -1. */
  int forbiddingBit(long entry, Access access) {
    boolean isUserPage = (entry & Entry.U) != 0;
    if (privilege == Privilege.U) {
      if (!isUserPage) {
        return BIT_U;
      }
    } else if (isUserPage && (access == Access.FETCH || !sum)) {
      // S-mode never executes from a user page, and only loads and stores there with SUM.
      return BIT_U;
    }
    long permission = access.permission();
    if (access == Access.LOAD && mxr) {
      permission |= Entry.X;
    }
    if ((entry & permission) != 0) {
      return NONE;
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
