package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;

/**
 * Changes what memory may be used for ({@code mm/mprotect.c}): the VMAs, which split and merge, and
 * the entries that exist already.
 */
public final class Mprotect {
  private static final long ALL_PROT =
      Prot.READ | Prot.WRITE | Prot.EXEC | Prot.SEM | Prot.GROWSDOWN | Prot.GROWSUP;

  private final FrameTable frames;
  private final Populate populate;
  private final Mseal sealing;
  private final TlbFlush flush;
  private final ChangeLog log;
  private final Refusal refusal;

  private long changed;

  public Mprotect(
      FrameTable frames, Populate populate, Mseal sealing, TlbFlush flush, ChangeLog log) {
    this.frames = frames;
    this.populate = populate;
    this.sealing = sealing;
    this.flush = flush;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** {@code mprotect(2)}. What precedes the first hole or refusal in the range is changed. */
  public void protect(AddressSpace space, long address, long length, long prot) {
    boolean down = (prot & Prot.GROWSDOWN) != 0;
    boolean up = (prot & Prot.GROWSUP) != 0;
    if (down && up) {
      throw refusal.of(Errno.EINVAL, StepKind.GROWS_BOTH_WAYS);
    }
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    if (length == 0) {
      return;
    }
    long end = address + (length + 4095 & ~4095L);
    if (Long.compareUnsigned(end, address) <= 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.BEYOND_USER_SPACE, length, address);
    }
    if ((prot & ~ALL_PROT) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_PROT, prot & ~ALL_PROT);
    }
    long access = prot & VmFlag.ACCESS;
    long start = down ? wholeStack(space, address, end) : address;
    if (up && space.find(start) != null) {
      throw refusal.of(Errno.EINVAL, StepKind.GROWS_BOTH_WAYS);
    }
    for (long at = start; Long.compareUnsigned(at, end) < 0; ) {
      Vma vma = space.find(at);
      if (vma == null) {
        throw refusal.of(Errno.ENOMEM, StepKind.HOLE, at);
      }
      if ((access & Prot.WRITE) != 0 && !vma.mayWrite()) {
        throw refusal.of(Errno.EACCES, StepKind.NEVER_WRITABLE, vma.start(), vma.end());
      }
      at = protect(vma, at, Math.min(vma.end(), end), access);
    }
  }

  /** With GROWSDOWN the change begins where the stack does that the range reaches. */
  private long wholeStack(AddressSpace space, long address, long end) {
    Vma vma = space.vmas().findFrom(address);
    if (vma == null || vma.start() >= end) {
      throw refusal.of(Errno.ENOMEM, StepKind.HOLE, address);
    }
    if (!vma.has(VmFlag.GROWSDOWN)) {
      throw refusal.of(Errno.EINVAL, StepKind.CANNOT_GROW);
    }
    return vma.start();
  }

  /** Where to go on ({@code mprotect_fixup}). */
  private long protect(Vma vma, long start, long end, long access) {
    sealing.check(vma);
    long old = vma.flags();
    long flags = old & ~VmFlag.ACCESS | access;
    if (flags == old) {
      return vma.end();
    }
    flags = account(vma, old, flags, end - start >>> 12);
    log.step(StepKind.PROTECTS, start, end, old & VmFlag.ACCESS, access);
    AddressSpace space = vma.space();
    Vma changedVma = space.vmas().modify(vma, start, end, flags);
    changeEntries(space, changedVma, start, end);
    // A locked area that becomes writable is copied now, so that no later write has to wait.
    if ((old & (VmFlag.WRITE | VmFlag.SHARED | VmFlag.LOCKED)) == VmFlag.LOCKED
        && (flags & VmFlag.WRITE) != 0) {
      populate.asFarAsPossible(space, start, end);
    }
    return Math.max(changedVma.end(), end);
  }

  /**
   * Private memory that becomes writable counts from then on, even if it is made read-only again;
   * only anonymous memory without a page can be taken back.
   */
  private static long account(Vma vma, long old, long flags, long pages) {
    long counted = VmFlag.ACCOUNT | VmFlag.WRITE | VmFlag.SHARED | VmFlag.NORESERVE;
    if ((flags & VmFlag.WRITE) != 0) {
      VmLimits limits = vma.space().limits();
      // The limit matters where it is this change that passes it.
      boolean passes = !limits.couldExpand(flags, pages) && limits.couldExpand(old, pages);
      if (passes && !limits.mayExpand(flags, pages)) {
        throw new LinuxError(Errno.ENOMEM);
      }
      if ((old & counted) != 0) {
        return flags;
      }
      if (!limits.mayPromise(pages)) {
        throw new LinuxError(Errno.ENOMEM);
      }
      return flags | VmFlag.ACCOUNT;
    }
    return vma.file() == null && vma.anonVma() == 0 ? flags & ~VmFlag.ACCOUNT : flags;
  }

  private void changeEntries(AddressSpace space, Vma vma, long start, long end) {
    changed = 0;
    space
        .tables()
        .forEachLeaf(
            start,
            end,
            (va, at, entry) -> change(vma, va, at, entry, canBeWritable(vma, entry)),
            (va, at, entry) ->
                change(
                    vma,
                    va,
                    at,
                    entry,
                    vma.isWritable() && frames.isSuperpageAlone(Entry.ppn(entry))));
    if (changed > 0) {
      flush.range(space, start, end, changed);
    }
    log.step(StepKind.PROTECTED, changed);
  }

  private void change(Vma vma, long va, long entryAddress, long entry, boolean writable) {
    long kept = entry & ~(Entry.FLAGS & ~(Entry.A | Entry.D));
    long value = kept | vma.pageProtection() | (writable ? Entry.W : 0);
    if (value != entry) {
      vma.space().tables().write(entryAddress, va, value);
      changed++;
    }
  }

  /**
   * Whether a write needs no fault any more: the page is this process's alone, or shared and dirty
   * ({@code can_change_pte_writable}).
   */
  private boolean canBeWritable(Vma vma, long entry) {
    if (!vma.isWritable()) {
      return false;
    }
    long ppn = Entry.ppn(entry);
    return vma.isShared()
        ? (entry & Entry.D) != 0
        : frames.kind(ppn) == FrameKind.ANON && frames.refs(ppn) == 1;
  }
}
