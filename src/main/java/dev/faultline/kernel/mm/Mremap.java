package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.PagingMode;

/**
 * Resizes and moves mappings ({@code mm/mremap.c} of Linux 6.18), with its checks in its order. No
 * page is copied: entries move to where the mapping goes.
 */
public final class Mremap {
  public static final int MAYMOVE = 1;
  public static final int FIXED = 2;
  public static final int DONTUNMAP = 4;

  private final Munmap munmap;
  private final Populate populate;
  private final Mseal sealing;
  private final FrameTable frames;
  private final TlbFlush flush;
  private final ChangeLog log;
  private final Refusal refusal;
  private final Placement placement;

  private long moved;
  private int missing;
  private long lastTarget;

  public Mremap(
      Munmap munmap,
      Populate populate,
      Mseal sealing,
      FrameTable frames,
      TlbFlush flush,
      ChangeLog log) {
    this.munmap = munmap;
    this.populate = populate;
    this.sealing = sealing;
    this.frames = frames;
    this.flush = flush;
    this.log = log;
    this.refusal = new Refusal(log);
    this.placement = new Placement(log);
  }

  /** {@code mremap(2)}; gives where the mapping is. */
  public long remap(
      AddressSpace space, long address, long oldBytes, long newBytes, int flags, long newAddress) {
    long oldLength = oldBytes + 4095 & ~4095L;
    long newLength = newBytes + 4095 & ~4095L;
    check(space, address, oldLength, newLength, flags, newAddress);
    if ((flags & FIXED) != 0 && oldLength == newLength) {
      return moveAll(space, address, oldLength, flags, newAddress);
    }
    Vma vma = prepare(space, address, oldLength, newLength, flags);
    if (isTo(flags)) {
      return moveTo(vma, address, oldLength, newLength, flags, newAddress);
    }
    if (newLength < oldLength) {
      munmap.unmap(space, address + newLength, oldLength - newLength);
      return address;
    }
    return newLength == oldLength ? address : expand(vma, address, oldLength, newLength, flags);
  }

  private static boolean isTo(int flags) {
    return (flags & (FIXED | DONTUNMAP)) != 0;
  }

  /** {@code check_mremap_params}. */
  private void check(
      AddressSpace space, long address, long oldLength, long newLength, int flags, long target) {
    if ((flags & ~(MAYMOVE | FIXED | DONTUNMAP)) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_REMAP, flags);
    }
    checkAligned(address);
    if (newLength == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.LENGTH_ZERO);
    }
    if (Long.compareUnsigned(newLength, space.end()) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BEYOND_USER_SPACE, newLength, address);
    }
    if (!isTo(flags)) {
      return;
    }
    if (Long.compareUnsigned(target, space.end() - newLength) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BEYOND_USER_SPACE, newLength, target);
    }
    checkAligned(target);
    if ((flags & MAYMOVE) == 0 || (flags & DONTUNMAP) != 0 && oldLength != newLength) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_REMAP, flags);
    }
    if (Long.compareUnsigned(address + oldLength, target) > 0
        && Long.compareUnsigned(target + newLength, address) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.REMAP_OVERLAPS, target, address);
    }
    checkVmaCount(space, 5);
  }

  private void checkAligned(long address) {
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
  }

  private void checkVmaCount(AddressSpace space, int spare) {
    if (space.vmas().size() >= Mmap.MAX_MAP_COUNT - spare) {
      throw refusal.of(Errno.ENOMEM, StepKind.TOO_MANY_VMAS, Mmap.MAX_MAP_COUNT);
    }
  }

  /** {@code check_prep_vma}. */
  private Vma prepare(AddressSpace space, long address, long oldLength, long newLength, int flags) {
    Vma vma = space.find(address);
    if (vma == null) {
      throw refusal.of(Errno.EFAULT, StepKind.NO_VMA, address);
    }
    sealing.check(vma);
    if (newLength <= oldLength && !isTo(flags)) {
      return vma;
    }
    if (oldLength == 0 && !vma.isShared()) {
      throw refusal.of(Errno.EINVAL, StepKind.ONLY_SHARED_DOUBLES);
    }
    // What a shrink takes away first may reach past the VMA.
    long kept = Math.min(oldLength, newLength);
    if (Long.compareUnsigned(kept, vma.end() - address) > 0) {
      throw refusal.of(Errno.EFAULT, StepKind.REMAP_PAST_VMA, vma.start(), vma.end());
    }
    if (newLength != oldLength && vma.filePage(address) + (newLength >>> 12) < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.OFFSET_OVERFLOWS, vma.fileOffset(), newLength);
    }
    long more = newLength - oldLength >> 12;
    if (more > 0 && !space.limits().mayLock(vma.flags(), more)) {
      throw new LinuxError(Errno.EAGAIN);
    }
    if (more > 0 && !space.limits().mayExpand(vma.flags(), more)) {
      throw new LinuxError(Errno.ENOMEM);
    }
    return vma;
  }

  /** Several VMAs at once, with the gaps between them ({@code remap_move}). */
  private long moveAll(AddressSpace space, long start, long length, int flags, long newAddress) {
    long end = start + length;
    long at = start;
    while (at < end) {
      Vma vma = space.vmas().findFrom(at);
      if (vma == null || vma.start() >= end || at == start && vma.start() > start) {
        if (at == start) {
          throw refusal.of(Errno.EFAULT, StepKind.NO_VMA, start);
        }
        break;
      }
      long from = Math.max(vma.start(), at);
      long until = Math.min(vma.end(), end);
      prepare(space, from, until - from, until - from, flags);
      moveTo(vma, from, until - from, until - from, flags, newAddress + (from - start));
      at = until;
    }
    return newAddress;
  }

  /** {@code mremap_to}. */
  private long moveTo(
      Vma source, long address, long oldLength, long newLength, int flags, long newAddress) {
    AddressSpace space = source.space();
    if ((flags & FIXED) != 0) {
      // Before anything is unmapped. What that frees of tables is free for new ones too.
      reserveTables(space, address, Math.min(oldLength, newLength), newAddress);
      munmap.unmap(space, newAddress, newLength);
    }
    long length = oldLength;
    if (newLength < oldLength) {
      munmap.unmap(space, address + newLength, oldLength - newLength);
      length = newLength;
    }
    Vma vma = space.find(address);
    if (vma == null) {
      throw refusal.of(Errno.EFAULT, StepKind.NO_VMA, address);
    }
    if ((flags & DONTUNMAP) != 0 && !space.limits().mayExpand(vma.flags(), length >>> 12)) {
      throw new LinuxError(Errno.ENOMEM);
    }
    long target = (flags & FIXED) != 0 ? newAddress : placement.find(space, newAddress, newLength);
    return move(vma, address, length, newLength, flags, target);
  }

  private long expand(Vma vma, long address, long oldLength, long newLength, int flags) {
    AddressSpace space = vma.space();
    long newEnd = address + newLength;
    if (oldLength == vma.end() - address
        && Long.compareUnsigned(newEnd, space.end()) <= 0
        && !space.vmas().overlaps(vma.end(), newEnd)) {
      checkPromise(vma, newLength - oldLength);
      long oldEnd = vma.end();
      space.vmas().extend(vma, newEnd);
      populateLocked(space, oldEnd, newEnd);
      return address;
    }
    if ((flags & MAYMOVE) == 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.MAY_NOT_MOVE, newLength, address);
    }
    return move(vma, address, oldLength, newLength, flags, placement.find(space, 0, newLength));
  }

  /** {@code vrm_calc_charge}. */
  private static void checkPromise(Vma vma, long bytes) {
    if (vma.has(VmFlag.ACCOUNT) && !vma.space().limits().mayPromise(bytes >> 12)) {
      throw new LinuxError(Errno.ENOMEM);
    }
  }

  private void populateLocked(AddressSpace space, long start, long end) {
    Vma vma = space.find(start);
    if (vma != null && vma.has(VmFlag.LOCKED)) {
      populate.asFarAsPossible(space, start, end);
    }
  }

  /** {@code move_vma}. */
  private long move(
      Vma source, long address, long oldLength, long newLength, int flags, long target) {
    AddressSpace space = source.space();
    checkVmaCount(space, 3);
    checkPromise(source, (flags & DONTUNMAP) != 0 ? newLength : newLength - oldLength);
    reserveTables(space, address, oldLength, target);
    log.step(StepKind.MOVES_VMA, address, address + oldLength, target);
    // Without pages yet, anonymous memory takes the page numbers of its new place, so that it can
    // merge there.
    boolean fresh = source.file() == null && source.anonVma() == 0;
    long pageOffset = fresh ? target >>> 12 : source.filePage(address);
    space.vmas().coverLike(source, target, target + newLength, pageOffset);
    moveEntries(space, address, oldLength, target);
    if ((flags & DONTUNMAP) != 0) {
      leaveBehind(space, address, oldLength);
    } else if (oldLength > 0) {
      munmap.makeRoom(space, address, address + oldLength);
    }
    if (newLength > oldLength) {
      populateLocked(space, target + oldLength, target + newLength);
    }
    return target;
  }

  /** The old mapping stays, empty and unlocked. */
  private static void leaveBehind(AddressSpace space, long address, long length) {
    Vma old = space.find(address);
    if (old == null) {
      return;
    }
    space.vmas().setFlags(old, old.flags() & ~VmFlag.ANY_LOCK);
    boolean whole = old.start() == address && old.end() == address + length;
    if (whole) {
      old.leaveAnonVma();
    }
  }

  /** Frames for every table that entries will move to. */
  private void reserveTables(AddressSpace space, long address, long length, long target) {
    frames.reserve(() -> missingTables(space.tables(), address, length, target));
  }

  private int missingTables(PageTables tables, long address, long length, long target) {
    missing = 0;
    lastTarget = -1;
    tables.forEachPage(
        address,
        address + length,
        (va, entryAddress, entry) -> addMissing(tables, target + (va - address)),
        (va, entryAddress, entry) -> {
          addMissing(tables, target + (va - address));
          addMissing(tables, target + (va - address) + PagingMode.span(1) - 1);
        });
    return missing;
  }

  private void addMissing(PageTables tables, long newVa) {
    missing += tables.missing(newVa, lastTarget);
    lastTarget = newVa;
  }

  private void moveEntry(PageTables tables, long va, long entryAddress, long entry, long newVa) {
    if (Entry.isSwapped(entry)) {
      log.step(StepKind.MOVES_SWAPPED, va, newVa, Entry.slot(entry));
    } else if (entry == Entry.GUARD) {
      log.step(StepKind.MOVES_GUARD, va, newVa);
    } else {
      log.step(StepKind.MOVES_ENTRY, va, newVa, Entry.ppn(entry));
    }
    tables.clear(entryAddress, va);
    tables.write(tables.findOrMake(newVa), newVa, entry);
    moved++;
  }

  /** {@code move_huge_pmd}; where it would not lie as a superpage must, its pages move. */
  private void moveSuperpage(PageTables tables, long va, long entry, long newVa) {
    long span = PagingMode.span(1);
    if ((newVa & span - 1) == 0 && tables.hasRoomForSuperpage(newVa)) {
      log.step(StepKind.MOVES_ENTRY, va, newVa, Entry.ppn(entry));
      tables.moveSuperpage(va, newVa);
      moved++;
      return;
    }
    tables.forEachPage(
        va,
        va + span,
        (from, entryAddress, small) ->
            moveEntry(tables, from, entryAddress, small, newVa + (from - va)));
  }

  private void moveEntries(AddressSpace space, long address, long length, long target) {
    moved = 0;
    PageTables tables = space.tables();
    long by = target - address;
    tables.forEachPage(
        address,
        address + length,
        (va, entryAddress, entry) -> moveEntry(tables, va, entryAddress, entry, va + by),
        (va, entryAddress, entry) -> moveSuperpage(tables, va, entry, va + by));
    if (moved > 0) {
      flush.range(space, address, address + length, moved);
    }
    log.step(StepKind.MOVED, moved);
  }
}
