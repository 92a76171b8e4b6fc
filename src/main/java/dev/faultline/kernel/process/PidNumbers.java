package dev.faultline.kernel.process;

import java.util.function.IntPredicate;

/**
 * Which number the next process or thread gets ({@code kernel/pid.c}): the one after the last, and
 * from the beginning again after the highest, without those that are in use.
 */
final class PidNumbers {
  /** {@code kernel.pid_max} as Linux begins with it; it keeps every number a valid ASID. */
  static final int LIMIT = 32_768;

  /** {@code RESERVED_PIDS}: lower ones are given only once. */
  static final int FIRST_AGAIN = 300;

  private final IntPredicate isTaken;
  private int last;
  private int made;
  private boolean hasTurned;

  /**
   * @param isTaken asked once numbers are given for the second time
   */
  PidNumbers(IntPredicate isTaken) {
    this.isTaken = isTaken;
  }

  /** The number that {@link #take} will give; -1 when all are in use. */
  int next() {
    int candidate = last + 1;
    if (!hasTurned && candidate < LIMIT) {
      return candidate;
    }
    for (int tried = 0; tried < LIMIT - FIRST_AGAIN; tried++, candidate++) {
      if (candidate >= LIMIT) {
        candidate = FIRST_AGAIN;
      }
      if (!isTaken.test(candidate)) {
        return candidate;
      }
    }
    return -1;
  }

  int take() {
    int taken = next();
    hasTurned |= taken <= last;
    last = taken;
    made++;
    return taken;
  }

  /** The last one that was taken. */
  int last() {
    return last;
  }

  /** How many have been taken. */
  int made() {
    return made;
  }
}
