package dev.faultline.machine;

import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import dev.faultline.machine.mmu.Replacement;

/**
 * What a machine is built with.
 *
 * @param base the physical address of the first frame
 * @param frames frames of 4 KiB
 * @param paging the mode that a kernel outside the machine uses
 * @param tlbEntries rows of the TLB, a power of two
 * @param tlbWays rows in each set of the TLB, a power of two
 * @param replacement which row of a full set gives way
 * @param seed of what is random in the machine
 * @param harts how many there are, each with a TLB of its own
 */
public record MachineConfiguration(
    long base,
    int frames,
    PagingMode paging,
    int tlbEntries,
    int tlbWays,
    Replacement replacement,
    long seed,
    AdBits adBits,
    int harts) {
  public static final int MOST_HARTS = 4;

  public MachineConfiguration {
    if (harts < 1 || harts > MOST_HARTS) {
      throw new IllegalArgumentException("a machine of " + harts + " harts");
    }
  }

  /** One hart. */
  public MachineConfiguration(
      long base,
      int frames,
      PagingMode paging,
      int tlbEntries,
      int tlbWays,
      Replacement replacement,
      long seed,
      AdBits adBits) {
    this(base, frames, paging, tlbEntries, tlbWays, replacement, seed, adBits, 1);
  }

  /** The same with so many harts. */
  public MachineConfiguration withHarts(int number) {
    return new MachineConfiguration(
        base, frames, paging, tlbEntries, tlbWays, replacement, seed, adBits, number);
  }

  /** Memory from physical address 0 on, and rows of the TLB replaced in turn. */
  public MachineConfiguration(
      int frames, PagingMode paging, int tlbEntries, int tlbWays, AdBits adBits) {
    this(0, frames, paging, tlbEntries, tlbWays, Replacement.ROUND_ROBIN, 0, adBits);
  }
}
