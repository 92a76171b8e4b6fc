package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * Seals memory ({@code mm/mseal.c}): until its process ends or executes another program, a VMA
 * stays where it is and allows what it allows. Only its pages may come and go, and of those none
 * that the process could not have overwritten.
 */
public final class Mseal {
  private final ChangeLog log;
  private final Refusal refusal;

  public Mseal(ChangeLog log) {
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** {@code mseal(2)}: all of a range without holes, or nothing. */
  public void seal(AddressSpace space, long address, long length, long flags) {
    if (flags != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, flags);
    }
    long end = PageRange.of(address, length, refusal).end();
    for (long at = address; Long.compareUnsigned(at, end) < 0; ) {
      Vma vma = space.find(at);
      if (vma == null) {
        throw refusal.of(Errno.ENOMEM, StepKind.HOLE, at);
      }
      at = vma.end();
    }
    for (Vma vma = space.find(address);
        vma != null && vma.start() < end;
        vma = space.vmas().findFrom(vma.end())) {
      long start = Math.max(vma.start(), address);
      long until = Math.min(vma.end(), end);
      if (!vma.has(VmFlag.SEALED)) {
        log.step(StepKind.SEALS_VMA, start, until);
        vma = space.vmas().modify(vma, start, until, vma.flags() | VmFlag.SEALED);
      }
    }
  }

  /** Before a VMA changes or goes ({@code can_modify_vma}). */
  void check(Vma vma) {
    if (vma.has(VmFlag.SEALED)) {
      throw refusal.of(Errno.EPERM, StepKind.VMA_IS_SEALED, vma.start(), vma.end());
    }
  }

  /** Before advice that changes what memory reads as ({@code can_madvise_modify}). */
  void check(Vma vma, Advice advice) {
    if (advice.discards() && vma.file() == null && !vma.isWritable()) {
      check(vma);
    }
  }
}
