package dev.faultline.machine.mmu;

/** Which row of a full set of the TLB gives way. */
public enum Replacement {
  /** Each row in turn. */
  ROUND_ROBIN("roundRobin"),
  /** Any row, pseudo-random from the seed. */
  RANDOM("random"),
  /** The row that was not used for the longest time; every hit then changes the TLB's state. */
  LRU("lru");

  private final String label;

  Replacement(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
