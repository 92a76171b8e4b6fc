package dev.faultline.machine.mmu;

/** Which row of a full set of the TLB gives way. */
public enum Replacement {
  /** Each row in turn. */
  ROUND_ROBIN,
  /** Any row, pseudo-random from the seed. */
  RANDOM,
  /** The row that was not used for the longest time; every hit then changes the TLB's state. */
  LRU
}
