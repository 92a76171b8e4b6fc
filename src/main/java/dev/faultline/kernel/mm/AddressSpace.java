package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.RowReader;
import dev.faultline.log.Table;
import dev.faultline.machine.Machine;
import dev.faultline.machine.mmu.PagingMode;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a process sees as memory ({@code struct mm_struct}): its VMAs and its page tables, under one
 * ASID. Threads live in their process's; {@code vfork} lets two processes live in one, whose rows
 * then have the number of the process that it was made for.
 */
public final class AddressSpace {
  /** {@code mmap_min_addr}: no mapping is placed below it. */
  static final long LOWEST = 0x1_0000;

  /** Room that stays free above the highest mapping, even for a small stack ({@code MIN_GAP}). */
  private static final long STACK_ROOM = 128L << 20;

  /** Where the heap of a process without a program begins: after a program of three pages. */
  private static final long HEAP_START = 0x2a_aaaa_d000L;

  private final int pid;
  private final int asid;
  private final PagingMode mode;
  private final VmLimits limits;
  private final VmaTree vmas;
  private final PageTables tables;
  private final ChangeLog log;
  private long heapStart = HEAP_START;
  private long brk = HEAP_START;
  private long stackStart;
  private ProgramStart start = ProgramStart.NONE;
  private long defaultFlags;
  private long mmapBase;
  private boolean isTopDown;
  private int harts;
  private int barriers;
  private final NavigableSet<Integer> users = new TreeSet<>();

  /**
   * @throws OutOfFrames when there is no frame for the root table
   */
  AddressSpace(
      int pid,
      int asid,
      Machine machine,
      TlbFlush flush,
      VmaNumbers numbers,
      FileMappings mappings,
      FrameTable frames,
      ReverseMap reverse,
      Commitment commitment,
      ChangeLog log) {
    this.pid = pid;
    this.asid = asid;
    this.mode = machine.configuration().paging();
    this.limits = new VmLimits(commitment, log);
    this.vmas = new VmaTree(this, numbers, mappings, log);
    this.tables =
        new PageTables(
            this, machine.memory(), machine.pageTableMemory(), flush, frames, reverse, log);
    this.log = log;
    pickLayout();
  }

  /**
   * Decides where mappings are placed, by the stack's limit as it is when a program begins ({@code
   * arch_pick_mmap_layout}): downwards from below the stack, or upwards when the stack has no end.
   */
  private void pickLayout() {
    long limit = limits.rlimits().soft(Rlimit.STACK);
    isTopDown = limit != Rlimit.INFINITY;
    long gap = limit + Vma.GUARD_GAP;
    if (Long.compareUnsigned(gap, limit) < 0) {
      gap = limit;
    }
    long most = end() / 6 * 5;
    gap = Long.compareUnsigned(gap, most) > 0 ? most : Math.max(gap, STACK_ROOM);
    mmapBase = isTopDown ? end() - gap + 4095 & ~4095L : upwardsBase();
  }

  /** {@code TASK_UNMAPPED_BASE}: a third of user space. */
  private long upwardsBase() {
    return end() / 3 + 4095 & ~4095L;
  }

  public int pid() {
    return pid;
  }

  /** One more process lives in it ({@code mmget}). */
  public void addUser(int user) {
    users.add(user);
  }

  public void removeUser(int user) {
    users.remove(user);
  }

  /** How many processes live in it ({@code mm_users}). */
  public int users() {
    return users.size();
  }

  public int asid() {
    return asid;
  }

  /** A hart enters it. */
  public void enteredBy(int hart) {
    harts |= 1 << hart;
  }

  /** The harts that have been in it ({@code mm_cpumask}): hart n is bit n. */
  public int harts() {
    return harts;
  }

  /** Which barriers it has asked to be part of ({@code mm->membarrier_state}). */
  public int barriers() {
    return barriers;
  }

  public void registerBarrier(int command) {
    barriers |= command;
  }

  PagingMode mode() {
    return mode;
  }

  /** What it has and may still have. */
  public VmLimits limits() {
    return limits;
  }

  /** Flags that every new VMA gets ({@code mm->def_flags}). */
  long defaultFlags() {
    return defaultFlags;
  }

  void setDefaultFlags(long flags) {
    defaultFlags = flags;
  }

  public VmaTree vmas() {
    return vmas;
  }

  public PageTables tables() {
    return tables;
  }

  /** {@code mm->start_brk}. */
  public long heapStart() {
    return heapStart;
  }

  /** {@code mm->start_stack}: where the stack pointer of a program begins; 0 without one. */
  public long stackStart() {
    return stackStart;
  }

  /** Where its program began. */
  public ProgramStart start() {
    return start;
  }

  /** Where a program has its heap, its stack and all else; it is no process's space yet. */
  public void place(long newHeapStart, long newStackStart, ProgramStart newStart) {
    start = newStart;
    heapStart = newHeapStart;
    brk = newHeapStart;
    stackStart = newStackStart;
  }

  /** The end of the heap ({@code mm->brk}), a column of the row of each process that lives here. */
  public long brk() {
    return brk;
  }

  void setBrk(long newBrk) {
    for (int user : users) {
      log.update(Table.PROCESS, user).column(Table.Process.BRK, brk, newBrk).end();
    }
    brk = newBrk;
  }

  /** A new program has the limits of the one before, and its layout follows them. */
  public void inheritLimits(AddressSpace before) {
    limits.rlimits().inherit(before.limits.rlimits());
    pickLayout();
  }

  /** A child has its parent's limits, layout and heap, before it has a row. */
  void inherit(AddressSpace parent) {
    limits.rlimits().inherit(parent.limits.rlimits());
    mmapBase = parent.mmapBase;
    isTopDown = parent.isTopDown;
    barriers = parent.barriers;
    heapStart = parent.heapStart;
    brk = parent.brk;
    stackStart = parent.stackStart;
    start = parent.start;
  }

  /**
   * The first address after user space ({@code TASK_SIZE}): half of what the paging mode
   * translates.
   */
  public long end() {
    return 1L << mode.addressBits() - 1;
  }

  /** Mappings are placed from here on ({@code mm->mmap_base}). */
  long mmapBase() {
    return mmapBase;
  }

  /** Gives VMAs and page-table entries to {@code reader}. */
  public void forEachRow(RowReader reader) {
    vmas.forEachRow(reader);
    tables.forEachEntry((level, address, va, value) ->
        reader.row(Table.PTE, address, address, pid, level, va, value));
  }

  /**
   * The start of the highest gap of {@code length} bytes below the mmap base or, when there is none
   * or the stack has no end, of the lowest one above a third of user space ({@code
   * mm_get_unmapped_area}); -1 when there is none at all.
   */
  long findGap(long length) {
    for (long limit = mmapBase; isTopDown && limit - length >= LOWEST; ) {
      long end = endOfGap(limit, length);
      if (end < 0) {
        break;
      }
      Vma next = vmas.findFrom(end);
      if (next == null || next.startGap() >= end) {
        return end - length;
      }
      limit = next.startGap();
    }
    return findGapUpwards(length);
  }

  /** Where the highest gap ends that has the length and lies below the limit; -1 for none. */
  private long endOfGap(long limit, long length) {
    Vma below = vmas.before(limit);
    long from = below == null ? LOWEST : Math.max(below.end(), LOWEST);
    if (limit - from >= length) {
      return limit;
    }
    return below == null ? -1 : vmas.highestGapEnd(below.start(), length);
  }

  private long findGapUpwards(long length) {
    long start = upwardsBase();
    while (end() - start >= length) {
      Vma next = vmas.findFrom(start);
      if (next == null || next.startGap() - start >= length) {
        return start;
      }
      // What follows may keep a gap of its own, so that the room before it is not all free.
      long gapEnd = vmas.lowestGapEnd(next.start() + 1, length);
      Vma above = gapEnd < 0 ? vmas.before(end()) : vmas.before(gapEnd);
      start = above == null ? next.end() : above.end();
    }
    return -1;
  }

  /**
   * True when a hint can be taken: the range lies in user space, nothing is mapped there, and what
   * follows keeps its gap.
   */
  boolean isFree(long address, long length) {
    if (address < LOWEST || address > end() - length) {
      return false;
    }
    Vma next = vmas.findFrom(address);
    return next == null || address + length <= next.startGap();
  }

  @Nullable Vma find(long va) {
    return vmas.find(va);
  }
}
