package dev.faultline.machine.mmu;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Translates the addresses of one hart: TLB first, then the walk; then PMP. It knows on whose
 * behalf: the hart tells it of each change of mode, of {@code satp} and of the bits of {@code
 * mstatus} that matter.
 *
 * <p>What it tells the log depends on who looks. While it narrates, each hit, miss and step of a
 * walk is told, and no access may go past it by the fast path. Else a program is running: only the
 * walk that ends in a page fault is told, by walking again, which has no side effects.
 */
public final class Mmu implements WalkObserver {
  /**
   * Who sets A and D in an entry: the MMU itself (extension Svadu), or the kernel after a page
   * fault (extension Svade).
   */
  public enum AdBits {
    HARDWARE,
    FAULT
  }

  private final PhysicalMemory memory;
  private final Pmp pmp;
  private final Tlb tlb;
  private final FastPath fast;
  private final PageTableMemory tables;
  private final Trap trap;
  private final ChangeLog log;
  private final Walk walk;

  private AdBits adBits;
  private @Nullable PagingMode mode;
  private long root;
  private int asid;
  private int privilege = Privilege.M;
  private int dataPrivilege = Privilege.M;
  private boolean sum;
  private boolean mxr;

  private boolean narrates = true;
  private boolean tellsWalks;
  private long lastPhysical;
  private int lastRow;

  private FastTable loads;
  private FastTable stores;
  private FastTable fetches;

  public Mmu(
      PhysicalMemory memory,
      Pmp pmp,
      AdBits adBits,
      Tlb tlb,
      PageTableMemory tables,
      Trap trap,
      ChangeLog log) {
    this.memory = memory;
    this.pmp = pmp;
    this.adBits = adBits;
    this.tlb = tlb;
    this.fast = tlb.fast();
    this.tables = tables;
    this.trap = trap;
    this.log = log;
    walk = new Walk(memory, pmp, PagingMode.SV39);
    loads = fast.table(privilege, Access.LOAD);
    stores = fast.table(privilege, Access.STORE);
    fetches = fast.table(privilege, Access.FETCH);
  }

  // On whose behalf.

  /** Takes over what a write to {@code satp} said; no mode is Bare. */
  public void use(@Nullable PagingMode newMode, long newRoot, int newAsid) {
    mode = newMode;
    root = newRoot;
    asid = newAsid;
    if (newMode != null) {
      walk.setMode(newMode);
    }
    fast.clear(Privilege.U);
    fast.clear(Privilege.S);
  }

  /** Takes over the modes that fetches, and loads and stores, are checked for. */
  public void setPrivilege(int forFetches, int forData) {
    privilege = forFetches;
    dataPrivilege = forData;
    loads = fast.table(dataPrivilege, Access.LOAD);
    stores = fast.table(dataPrivilege, Access.STORE);
    fetches = fast.table(privilege, Access.FETCH);
  }

  /** Takes over SUM and MXR of {@code mstatus}. */
  public void setPermissions(boolean newSum, boolean newMxr) {
    if (newMxr != mxr) {
      fast.clear(Privilege.U);
    }
    if (newMxr != mxr || newSum != sum) {
      fast.clear(Privilege.S);
    }
    sum = newSum;
    mxr = newMxr;
  }

  /** Takes over who sets A and D. */
  public void setAdBits(AdBits newAdBits) {
    adBits = newAdBits;
  }

  public AdBits adBits() {
    return adBits;
  }

  /** PMP has changed: nothing that was found allowed is so any more. */
  public void protectionChanged() {
    fast.clear();
  }

  public Pmp pmp() {
    return pmp;
  }

  // What is told.

  /** Whether accesses are told one by one; the fast path stays unused while they are. */
  public void setNarrates(boolean newNarrates) {
    narrates = newNarrates;
    if (newNarrates) {
      fast.clear();
    }
  }

  public boolean narrates() {
    return narrates;
  }

  /**
   * While set, misses and walks are told even when a program is running, each with what it is for
   * and where it leads.
   */
  public void setTellsWalks(boolean tells) {
    tellsWalks = tells;
  }

  /** What the last successful translation gave. */
  public long lastPhysical() {
    return lastPhysical;
  }

  // The fast path.

  /** True when pages may be put into the fast tables. */
  public boolean isFast() {
    return !narrates && tlb.hitsChangeNothing();
  }

  public FastTable loads() {
    return loads;
  }

  public FastTable stores() {
    return stores;
  }

  public FastTable fetches() {
    return fetches;
  }

  /**
   * Puts the page that was just translated into the fast table of its kind of access, if nothing
   * speaks against it.
   */
  public void remember(long va, Access access) {
    long page = lastPhysical & -PhysicalMemory.FRAME_SIZE;
    if (!isFast()
        || !memory.holds(page, PhysicalMemory.FRAME_SIZE)
        || !pmp.isUniform(page, PhysicalMemory.FRAME_SIZE)) {
      return;
    }
    int frame = memory.frameIndex(page);
    switch (access) {
      case FETCH -> fetches.put(va, frame, lastRow);
      case LOAD -> {
        memory.back(frame);
        loads.put(va, delta(va, frame), lastRow);
      }
      case STORE -> {
        if (!memory.isMarked(frame)) {
          memory.back(frame);
          stores.put(va, delta(va, frame), lastRow);
        }
      }
    }
  }

  private static int delta(long va, int frame) {
    return (frame << PhysicalMemory.FRAME_SHIFT) - ((int) va & -PhysicalMemory.FRAME_SIZE);
  }

  // Translation.

  /**
   * The physical address of {@code va} for an access of {@code size} bytes within one page.
   *
   * @throws Trap a page fault or an access fault
   */
  public long translate(long va, Access access, int size) {
    int forMode = access == Access.FETCH ? privilege : dataPrivilege;
    PagingMode paging = mode;
    if (paging == null || forMode == Privilege.M) {
      lastPhysical = va;
      lastRow = -1;
    } else {
      walk.setContext(forMode, sum, mxr);
      lastPhysical = translate(va, access, paging, forMode);
    }
    if (!pmp.allows(lastPhysical, size, access, forMode)) {
      throw trap.with(access.accessFault(), va);
    }
    return lastPhysical;
  }

  private long translate(long va, Access access, PagingMode paging, int forMode) {
    boolean tells = narrates || tellsWalks;
    int row = Walk.isCanonical(va, paging) ? tlb.find(va, asid) : -1;
    if (row >= 0) {
      long leaf = tlb.leaf(row);
      int forbidding = walk.forbiddingBit(leaf, access);
      if (forbidding < 0 && missingMark(leaf, access) == 0) {
        tlb.touch(row);
        if (narrates) {
          tellHit(va, row, leaf);
        }
        lastRow = row;
        return Walk.physical(leaf, tlb.level(row), va);
      }
      tellTranslation(va, access, forMode);
      if (forbidding >= 0) {
        tellHit(va, row, leaf);
        forbids(forbidding, leaf & Entry.FLAGS, access);
        throw trap.with(access.pageFault(), va);
      }
      // Only D is missing: the entry itself must be looked at again.
      if (tells) {
        tellHit(va, row, leaf);
      }
    } else if (tells) {
      tellTranslation(va, access, forMode);
      tellMiss(va);
    }
    return translateByWalk(va, access, paging, tells);
  }

  private long translateByWalk(long va, Access access, PagingMode paging, boolean tells) {
    if (tells) {
      log.step(StepKind.READS_SATP, root, paging.levels());
    }
    Walk.Result result = walk.run(root, va, access, tells ? this : WalkObserver.NOBODY);
    if (result != Walk.Result.TRANSLATED) {
      if (!tells) {
        tellFailure(va, access, paging);
      }
      throw trap.with(
          result == Walk.Result.PAGE_FAULT ? access.pageFault() : access.accessFault(), va);
    }
    long leaf = walk.leaf();
    long missing = missingMark(leaf, access);
    if (missing != 0) {
      // 9. A is clear, or D is clear and the access is a store.
      if (adBits == AdBits.FAULT) {
        if (!tells) {
          tellFailure(va, access, paging);
        }
        forbids((missing & Entry.A) != 0 ? Walk.BIT_A : Walk.BIT_D, leaf & Entry.FLAGS, access);
        throw trap.with(access.pageFault(), va);
      }
      if (!pmp.allows(walk.entryAddress(), 8, Access.STORE, Privilege.S)) {
        throw trap.with(access.accessFault(), va);
      }
      // No other hart executes, and this one did nothing since it read the entry, so that comparing
      // it with the one in memory and setting the bits is atomic.
      long marked = leaf | missing;
      if (tells) {
        log.step(StepKind.SETS_ACCESSED_DIRTY, walk.entryAddress(), leaf, marked);
      }
      tables.mark(walk.entryAddress(), leaf, marked);
      leaf = marked;
    }
    int row = tlb.choose(va, asid);
    if (tells) {
      log.step(
          StepKind.FILLS_TLB,
          tlb.setOfRow(row),
          tlb.wayOfRow(row),
          Entry.ppn(leaf),
          leaf & Entry.FLAGS);
    }
    tlb.fill(row, va, asid, walk.isGlobal(), leaf, walk.level(), walk.entryAddress());
    lastRow = row;
    // 10. The translation is successful.
    long physical = walk.physical(va);
    if (tellsWalks) {
      log.step(StepKind.FINDS_PHYSICAL, physical);
    }
    return physical;
  }

  private static long missingMark(long leaf, Access access) {
    long wanted = access == Access.STORE ? Entry.A | Entry.D : Entry.A;
    return wanted & ~leaf;
  }

  private void tellFailure(long va, Access access, PagingMode paging) {
    tellMiss(va);
    log.step(StepKind.READS_SATP, root, paging.levels());
    walk.run(root, va, access, this);
  }

  private void tellTranslation(long va, Access access, int forMode) {
    if (tellsWalks) {
      log.step(StepKind.TRANSLATES, va, access.ordinal(), forMode);
    }
  }

  private void tellMiss(long va) {
    log.step(StepKind.TLB_MISS, va & -PhysicalMemory.FRAME_SIZE, asid, tlb.setOf(va));
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

  @Override
  public void unreadable(int level, int index, long address) {
    log.step(StepKind.CANNOT_READ, level, index, address);
  }
}
