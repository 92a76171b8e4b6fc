package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;
import dev.faultline.machine.memory.PhysicalMemory;
import dev.faultline.machine.mmu.Access;
import dev.faultline.machine.mmu.Entry;

/**
 * The kernel's way to the memory of a process ({@code copy_from_user}, {@code copy_to_user}, {@code
 * get_user_pages}): by the process's page tables, page by page. A page that is not there or may not
 * be accessed so faults as if the process had touched it, so that a write breaks copy-on-write and
 * marks file pages dirty.
 */
public final class UserMemory {
  private final PageFaults faults;
  private final PhysicalMemory memory;
  private final TlbFlush flush;
  private final ChangeLog log;

  public UserMemory(PageFaults faults, PhysicalMemory memory, TlbFlush flush, ChangeLog log) {
    this.faults = faults;
    this.memory = memory;
    this.flush = flush;
    this.log = log;
  }

  /**
   * Copies from a process; a stack grows for it.
   *
   * @return how many bytes, up to the first that cannot be read
   * @throws OutOfFrames when a page has no frame and there is none
   */
  public int read(AddressSpace space, long va, byte[] into, int from, int length) {
    return copy(space, va, into, from, length, Access.LOAD);
  }

  /**
   * Copies to a process; a stack grows for it.
   *
   * @return how many bytes, up to the first that cannot be written
   * @throws OutOfFrames when a page has no frame and there is none
   */
  public int write(AddressSpace space, long va, byte[] bytes, int from, int length) {
    return copy(space, va, bytes, from, length, Access.STORE);
  }

  private int copy(AddressSpace space, long va, byte[] bytes, int from, int length, Access access) {
    for (int done = 0; done < length; ) {
      int fitting = (int) Math.min(length - done, PhysicalMemory.FRAME_SIZE - (va + done & 0xfff));
      long physical = reach(space, va + done, access);
      if (physical < 0) {
        return done;
      }
      if (access == Access.STORE) {
        log.step(StepKind.COPIES_TO_USER, fitting, va + done, space.pid(), physical >>> 12);
        memory.put(physical, bytes, from + done, fitting);
      } else {
        log.step(StepKind.COPIES_FROM_USER, fitting, va + done, space.pid(), physical >>> 12);
        memory.get(physical, bytes, from + done, fitting);
      }
      done += fitting;
    }
    return length;
  }

  /**
   * Makes sure that a page of another process is there and may be accessed so ({@code
   * pin_user_pages}): a load needs READ itself, and no stack grows for it. A private page that is
   * shared since a fork is unshared even for reading.
   */
  boolean pin(AddressSpace space, long va, boolean writes) {
    Vma vma = space.find(va);
    if (vma == null || !vma.has(writes ? VmFlag.WRITE : VmFlag.READ)) {
      return false;
    }
    Access access = writes ? Access.STORE : Access.LOAD;
    if (reach(space, va, access) < 0) {
      return false;
    }
    if (!writes) {
      faults.unshare(vma, va);
    }
    return reach(space, va, access) >= 0;
  }

  /**
   * The physical address that an address of a process leads to, or -1 when the access is not
   * allowed.
   */
  long reach(AddressSpace space, long va, Access access) {
    while (true) {
      long entryAddress = space.tables().find(va);
      long entry = entryAddress < 0 ? 0 : space.tables().load(entryAddress);
      if (Entry.isValid(entry) && (entry & access.permission()) != 0) {
        mark(space, va, entryAddress, entry, access);
        long ppn = space.tables().ppn(va, entry);
        return ppn << PhysicalMemory.FRAME_SHIFT | va & PhysicalMemory.FRAME_SIZE - 1;
      }
      if (faults.handle(space, va, access) != null) {
        return -1;
      }
    }
  }

  /** The MMU would have left these marks. */
  private void mark(AddressSpace space, long va, long entryAddress, long entry, Access access) {
    long marked = entry | (access == Access.STORE ? Entry.A | Entry.D : Entry.A);
    if (marked != entry) {
      long page = va & -PhysicalMemory.FRAME_SIZE;
      space.tables().write(entryAddress, va, marked);
      flush.localPage(space, page);
    }
  }
}
