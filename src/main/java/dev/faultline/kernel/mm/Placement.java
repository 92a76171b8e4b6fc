package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** Finds room for a mapping that need not stand at a fixed address ({@code get_unmapped_area}). */
final class Placement {
  private final ChangeLog log;
  private final Refusal refusal;

  Placement(ChangeLog log) {
    this.log = log;
    this.refusal = new Refusal(log);
  }

  /** The hint if there is one and it is free, else the highest gap that is long enough. */
  long find(AddressSpace space, long hint, long length) {
    long rounded = hint & ~4095L;
    if (rounded != 0) {
      long raised = Math.max(rounded, AddressSpace.LOWEST);
      if (space.isFree(raised, length)) {
        log.step(StepKind.KEEPS_HINT, raised);
        return raised;
      }
      log.step(StepKind.LEAVES_HINT, hint);
    }
    long found = space.findGap(length);
    if (found < 0) {
      throw refusal.of(Errno.ENOMEM, StepKind.NO_GAP, length);
    }
    log.step(StepKind.FINDS_GAP, space.mmapBase(), found);
    return found;
  }
}
