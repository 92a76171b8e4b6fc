package dev.faultline.machine.hart;

/**
 * A counter that counts retired instructions from some value on, unless it is inhibited. It holds
 * its distance from the hart's own count, so that counting costs nothing.
 */
final class Counter {
  private long distance;
  private long frozen;
  private boolean inhibited;

  long value(long retired) {
    return inhibited ? frozen : retired + distance;
  }

  /**
   * Writes a value, by the instruction after {@code retired} others: the next one reads it, because
   * such a write takes the place of the increment.
   */
  void set(long value, long retired) {
    frozen = value;
    distance = value - (retired + 1);
  }

  void setInhibited(boolean newInhibited, long retired) {
    if (newInhibited && !inhibited) {
      frozen = value(retired) + 1;
    } else if (!newInhibited && inhibited) {
      distance = frozen - (retired + 1);
    }
    inhibited = newInhibited;
  }
}
