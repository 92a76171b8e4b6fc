package dev.faultline.machine.mmu;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;

/** Translates the addresses of one hart: TLB first, then the walk; each step is told to the log. */
public final class Mmu implements WalkObserver {
  /**
   * Who sets A and D in an entry: the MMU itself, or the kernel after a page fault (extension
   * Svade).
   */
  public enum AdBits {
    HARDWARE,
    FAULT
  }

  private final PagingMode mode;
  private final AdBits adBits;
  private final Tlb tlb;
  private final PageTableMemory tables;
  private final ChangeLog log;
  private final Walk walk;
  private final Trap trap;

  private long root;
  private int asid;
  private boolean silentHits;
  private long lastPhysical;

  public Mmu(
      PhysicalMemory memory,
      PagingMode mode,
      AdBits adBits,
      Tlb tlb,
      PageTableMemory tables,
      Trap trap,
      ChangeLog log) {
    this.mode = mode;
    this.adBits = adBits;
    this.tlb = tlb;
    this.tables = tables;
    this.log = log;
    this.trap = trap;
    this.walk = new Walk(memory, mode);
  }

  /** Takes over what a write to {@code satp} said. */
  public void use(long newRoot, int newAsid) {
    root = newRoot;
    asid = newAsid;
  }

  /** What the last successful translation gave. */
  public long lastPhysical() {
    return lastPhysical;
  }

  /** While set, a TLB hit leaves no step; misses and faults always do. */
  public void setSilentHits(boolean silent) {
    silentHits = silent;
  }

  /**
   * The physical address of {@code va} for an access from U-mode.
   *
   * @throws Trap a page fault
   */
  public long translate(long va, Access access) {
    int row = Walk.isCanonical(va, mode) ? tlb.find(va, asid) : -1;
    if (row >= 0) {
      long leaf = tlb.leaf(row);
      if (Walk.forbiddingBit(leaf, access) < 0 && missingMark(leaf, access) == 0) {
        if (!silentHits) {
          tellHit(va, row, leaf);
        }
        lastPhysical = Walk.physical(leaf, tlb.level(row), va);
        return lastPhysical;
      }
      tellHit(va, row, leaf);
      int forbidding = Walk.forbiddingBit(leaf, access);
      if (forbidding >= 0) {
        forbids(forbidding, leaf & Entry.FLAGS, access);
        throw trap.with(access.pageFault(), va);
      }
      // Only D is missing: the entry itself must be looked at again.
    } else {
      log.step(StepKind.TLB_MISS, va & -PhysicalMemory.FRAME_SIZE, asid, tlb.setOf(va));
    }
    return translateByWalk(va, access);
  }

  private long translateByWalk(long va, Access access) {
    log.step(StepKind.READS_SATP, root, mode.levels());
    if (!walk.run(root, va, access, this)) {
      throw trap.with(access.pageFault(), va);
    }
    long leaf = walk.leaf();
    long missing = missingMark(leaf, access);
    if (missing != 0) {
      // 9. A is clear, or D is clear and the access is a store.
      if (adBits == AdBits.FAULT) {
        forbids((missing & Entry.A) != 0 ? Walk.BIT_A : Walk.BIT_D, leaf & Entry.FLAGS, access);
        throw trap.with(access.pageFault(), va);
      }
      long marked = leaf | missing;
      log.step(StepKind.SETS_ACCESSED_DIRTY, walk.entryAddress(), leaf, marked);
      tables.mark(walk.entryAddress(), leaf, marked);
      leaf = marked;
    }
    int row = tlb.choose(va, asid);
    log.step(
        StepKind.FILLS_TLB,
        tlb.setOfRow(row),
        tlb.wayOfRow(row),
        Entry.ppn(leaf),
        leaf & Entry.FLAGS);
    tlb.fill(row, va, asid, leaf, walk.level(), walk.entryAddress());
    // 10. The translation is successful.
    lastPhysical = walk.physical(va);
    return lastPhysical;
  }

  private static long missingMark(long leaf, Access access) {
    long wanted = access == Access.STORE ? Entry.A | Entry.D : Entry.A;
    return wanted & ~leaf;
  }

  private void tellHit(long va, int row, long leaf) {
    log.step(
        StepKind.TLB_HIT,
        va & -PhysicalMemory.FRAME_SIZE,
        tlb.setOfRow(row),
        tlb.wayOfRow(row),
        Entry.ppn(leaf),
        leaf & Entry.FLAGS);
  }

  @Override
  public void reads(StepKind step, int level, int index, long address, long value, long ppn) {
    log.step(step, level, index, address, value, ppn);
  }

  @Override
  public void unusable(int level, int index, long address, long value, int bit) {
    log.step(StepKind.READS_UNUSABLE, level, index, address, value, bit);
  }

  @Override
  public void forbids(int bit, long flags, Access access) {
    log.step(StepKind.FORBIDS, bit, flags, access.ordinal());
  }

  @Override
  public void notCanonical(int top, long va) {
    log.step(StepKind.NOT_CANONICAL, top, va);
  }
}
