package dev.faultline.machine.hart;

import dev.faultline.machine.mmu.Privilege;

/** Pending and enabled interrupts: {@code mip}, {@code mie}, {@code mideleg}. */
final class Interrupts {
  static final int SSI = 1;
  static final int MSI = 3;
  static final int STI = 5;
  static final int MTI = 7;
  static final int SEI = 9;
  static final int MEI = 11;

  static final long ALL = 1 << SSI | 1 << MSI | 1 << STI | 1 << MTI | 1 << SEI | 1 << MEI;
  static final long SUPERVISOR = 1 << SSI | 1 << STI | 1 << SEI;

  static final int NONE = -1;

  /** The order in which simultaneous interrupts of one mode are taken. */
  private static final int[] BY_PRIORITY = {MEI, MSI, MTI, SEI, SSI, STI};

  long enabled;
  long delegated;

  /** What software has made pending. */
  long requested;

  private boolean software;
  private long timeDistance;
  private long timeCompare = -1;

  /** {@code mtime}: retired instructions, unless it was written. */
  long time(long retired) {
    return retired + timeDistance;
  }

  void setTime(long value, long retired) {
    timeDistance = value - retired;
  }

  long timeCompare() {
    return timeCompare;
  }

  void setTimeCompare(long value) {
    timeCompare = value;
  }

  boolean software() {
    return software;
  }

  void setSoftware(boolean pending) {
    software = pending;
  }

  /** {@code mip}. */
  long pending(long retired) {
    boolean timer = Long.compareUnsigned(time(retired), timeCompare) >= 0;
    return requested | (software ? 1 << MSI : 0) | (timer ? 1 << MTI : 0);
  }

  /** How many instructions may retire before the timer's interrupt becomes pending. */
  long untilTimer(long retired) {
    if ((enabled & 1 << MTI) == 0) {
      return Long.MAX_VALUE;
    }
    long rest = timeCompare - time(retired);
    boolean isPast = Long.compareUnsigned(time(retired), timeCompare) >= 0;
    return isPast || rest < 0 ? Long.MAX_VALUE : rest;
  }

  /**
   * Lets time go on so far that the timer's interrupt is pending after the next instruction, if it
   * is enabled and none is pending; false when it is not so, or the timer is set to what counts as
   * never.
   */
  boolean skipToTimer(long retired) {
    long rest = timeCompare - time(retired);
    boolean isAwaited = (enabled & 1 << MTI) != 0 && (pending(retired) & enabled) == 0;
    if (!isAwaited || rest <= 1) {
      return false;
    }
    setTime(timeCompare - 1, retired);
    return true;
  }

  /** The interrupt to take now, or {@link #NONE}. */
  int toTake(long retired, int privilege, long status) {
    if (enabled == 0) {
      return NONE;
    }
    long ready = pending(retired) & enabled;
    if (ready == 0) {
      return NONE;
    }
    boolean machine = privilege != Privilege.M || (status & Status.MIE) != 0;
    boolean supervisor =
        privilege == Privilege.U || privilege == Privilege.S && (status & Status.SIE) != 0;
    int taken = machine ? first(ready & ~delegated) : NONE;
    return taken == NONE && supervisor ? first(ready & delegated) : taken;
  }

  private static int first(long ready) {
    for (int interrupt : BY_PRIORITY) {
      if ((ready & 1 << interrupt) != 0) {
        return interrupt;
      }
    }
    return NONE;
  }
}
