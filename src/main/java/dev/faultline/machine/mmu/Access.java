package dev.faultline.machine.mmu;

import dev.faultline.log.Cause;

/** What an access wants to do; the order is that of the log's {@code ACCESS} format. */
public enum Access {
  LOAD(Entry.R, Cause.LOAD_PAGE_FAULT, Cause.LOAD_ACCESS_FAULT),
  STORE(Entry.W, Cause.STORE_PAGE_FAULT, Cause.STORE_ACCESS_FAULT),
  FETCH(Entry.X, Cause.INSTRUCTION_PAGE_FAULT, Cause.INSTRUCTION_ACCESS_FAULT);

  private final long permission;
  private final int pageFault;
  private final int accessFault;

  Access(long permission, int pageFault, int accessFault) {
    this.permission = permission;
    this.pageFault = pageFault;
    this.accessFault = accessFault;
  }

  /** The bit of a leaf that allows this access. */
  public long permission() {
    return permission;
  }

  /** The exception code of this access's page fault. */
  public int pageFault() {
    return pageFault;
  }

  /** The exception code when physical memory refuses this access. */
  public int accessFault() {
    return accessFault;
  }
}
