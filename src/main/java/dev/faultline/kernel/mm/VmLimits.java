package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;

/**
 * What one address space has mapped, locked and been promised, and what it may still have. The
 * counts follow the VMAs: {@link VmaTree} tells every change of one.
 *
 * <p>Processes are root as in a container: without CAP_IPC_LOCK, so that RLIMIT_MEMLOCK binds them.
 */
public final class VmLimits {
  private final Rlimits rlimits;
  private final Commitment commitment;
  private final ChangeLog log;
  private long total;
  private long data;
  private long locked;

  VmLimits(Commitment commitment, ChangeLog log) {
    this.rlimits = new Rlimits(log);
    this.commitment = commitment;
    this.log = log;
  }

  public Rlimits rlimits() {
    return rlimits;
  }

  /** {@code mm->total_vm}, in pages. */
  public long total() {
    return total;
  }

  /** {@code mm->data_vm}: private writable memory that is no stack. */
  public long data() {
    return data;
  }

  /** {@code mm->locked_vm}. */
  public long locked() {
    return locked;
  }

  boolean isStrict() {
    return commitment.isStrict();
  }

  /** Pages with these flags were mapped, or unmapped when negative ({@code vm_stat_account}). */
  void count(long flags, long pages) {
    total += pages;
    data += isData(flags) ? pages : 0;
    locked += (flags & VmFlag.LOCKED) != 0 ? pages : 0;
    commitment.change((flags & VmFlag.ACCOUNT) != 0 ? pages : 0);
  }

  private static boolean isData(long flags) {
    return (flags & (VmFlag.WRITE | VmFlag.SHARED | VmFlag.GROWSDOWN)) == VmFlag.WRITE;
  }

  /** {@code may_expand_vm}; tells why not. */
  boolean mayExpand(long flags, long pages) {
    if (exceeds(Rlimit.AS, total + pages)) {
      return refuse(Rlimit.AS, total + pages);
    }
    if (!fitsData(flags, pages)) {
      return refuse(Rlimit.DATA, data + pages);
    }
    return true;
  }

  /** The same for memory that is there already and only changes. */
  boolean couldExpand(long flags, long pages) {
    return !exceeds(Rlimit.AS, total + pages) && fitsData(flags, pages);
  }

  private boolean fitsData(long flags, long pages) {
    if (!isData(flags) || !exceeds(Rlimit.DATA, data + pages)) {
      return true;
    }
    // Valgrind sets the soft limit to 0 and does not mean it.
    Rlimits.Pair pair = rlimits.get(Rlimit.DATA);
    return pair.soft() == 0 && Long.compareUnsigned(data + pages, pair.hard() >>> 12) <= 0;
  }

  /** Whether anything may be locked at all ({@code can_do_mlock}). */
  boolean mayLockAnything() {
    return rlimits.soft(Rlimit.MEMLOCK) != 0;
  }

  /** {@code mlock_future_ok}; tells why not. */
  boolean mayLock(long flags, long pages) {
    return (flags & VmFlag.LOCKED) == 0 || mayLock(pages);
  }

  boolean mayLock(long pages) {
    return !exceeds(Rlimit.MEMLOCK, locked + pages) || refuse(Rlimit.MEMLOCK, locked + pages);
  }

  /** {@code acct_stack_growth}: a stack of so many bytes, pages of which are new. */
  boolean mayGrowStack(long flags, long size, long pages) {
    if (!mayExpand(flags, pages)) {
      return false;
    }
    if (Long.compareUnsigned(size, rlimits.soft(Rlimit.STACK)) > 0) {
      return refuse(Rlimit.STACK, size >>> 12);
    }
    return mayLock(flags, pages) && mayPromise(pages);
  }

  /** {@code security_vm_enough_memory_mm}; tells why not. */
  public boolean mayPromise(long pages) {
    boolean may = couldPromise(pages);
    if (!may) {
      commitment.tellRefusal(pages);
    }
    return may;
  }

  /** The same without a word. */
  boolean couldPromise(long pages) {
    return commitment.allows(pages, total);
  }

  private boolean exceeds(Rlimit resource, long pages) {
    return Long.compareUnsigned(pages, rlimits.soft(resource) >>> 12) > 0;
  }

  private boolean refuse(Rlimit resource, long pages) {
    log.step(StepKind.OVER_RLIMIT, log.intern(resource.name()), rlimits.soft(resource), pages);
    return false;
  }
}
