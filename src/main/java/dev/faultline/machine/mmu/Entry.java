package dev.faultline.machine.mmu;

/**
 * The bits of a page-table entry (Privileged Architecture, "Sv39 page table entry"): V R W X U G A
 * D in bits 0 to 7, two bits for software, the frame number in bits 10 to 53, and reserved bits
 * that must be zero.
 *
 * <p>The MMU looks no further than V. To the kernel an entry of the last level is one of four: none
 * (0); present, which maps a frame; swapped out, which names the slot that holds the page; or a
 * guard, which nobody may touch. A swap entry is laid out as Linux on riscv64 has it ({@code
 * __swp_entry}): V, R, W, X and PROT_NONE clear, the swap area in bits 7 to 11 (there is one,
 * number 0), the slot from bit 12 on. Slots count from 1, so that no swap entry is 0.
 */
public final class Entry {
  public static final long V = 1;
  public static final long R = 1 << 1;
  public static final long W = 1 << 2;
  public static final long X = 1 << 3;
  public static final long U = 1 << 4;
  public static final long G = 1 << 5;
  public static final long A = 1 << 6;
  public static final long D = 1 << 7;
  public static final long FLAGS = 0xff;

  /**
   * Without V, all other bits are software's: this one says that a frame is mapped where nothing
   * may be accessed, as Linux on riscv64 has it ({@code _PAGE_PROT_NONE}).
   */
  public static final long PROT_NONE = G;

  private static final int PPN_SHIFT = 10;
  private static final int SLOT_SHIFT = 12;

  /**
   * The entry of a guard page ({@code PTE_MARKER_GUARD}): a swap entry of area 31, which is never
   * one, with the marker's number for a slot.
   */
  public static final long GUARD = 4L << SLOT_SHIFT | 31L << 7;

  private static final long PPN_MASK = (1L << 44) - 1;

  /** Bits 63 (N), 62-61 (PBMT) and 60-54: without Svnapot and Svpbmt, all must be zero. */
  static final long RESERVED = -1L << 54;

  private Entry() {}

  public static long of(long ppn, long flags) {
    return ppn << PPN_SHIFT | flags;
  }

  public static long ppn(long entry) {
    return entry >>> PPN_SHIFT & PPN_MASK;
  }

  public static boolean isValid(long entry) {
    return (entry & V) != 0;
  }

  /** True when the entry maps or points to a frame, be it that nobody may access it. */
  public static boolean isPresent(long entry) {
    return (entry & (V | PROT_NONE)) != 0;
  }

  /** The entry for a page that lies in a slot of the swap area. */
  public static long ofSlot(long slot) {
    return slot << SLOT_SHIFT;
  }

  /** True when the page is swapped out: the entry names a slot. */
  public static boolean isSwapped(long entry) {
    return entry != 0 && entry != GUARD && !isPresent(entry);
  }

  /** The slot that the entry of a swapped-out page names. */
  public static long slot(long entry) {
    return entry >>> SLOT_SHIFT;
  }

  /** A valid entry with any of R, W, X is a leaf; otherwise it points to the next table. */
  public static boolean isLeaf(long entry) {
    return (entry & (R | W | X)) != 0;
  }
}
