package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** The pages that a call names by an address and a length, up to {@code end}. */
record PageRange(long start, long end) {
  /** Refuses what begins within a page, or ends before it begins once it is rounded up. */
  static PageRange of(long address, long length, Refusal refusal) {
    if ((address & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, address);
    }
    long rounded = length + 4095 & ~4095L;
    long end = address + rounded;
    if (length != 0 && rounded == 0 || Long.compareUnsigned(end, address) < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BEYOND_USER_SPACE, length, address);
    }
    return new PageRange(address, end);
  }
}
