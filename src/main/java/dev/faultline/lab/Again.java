package dev.faultline.lab;

/**
 * How a command is repeated.
 *
 * @param limited where a run came to its end by a limit
 * @param isKept whether the command log takes the command, or has it already
 */
record Again(Logged.Limited limited, boolean isKept, Origin origin) {
  /** A repetition may take so many times as long as a run may, and a few seconds at least. */
  private static final int PATIENCE = 10;

  private static final long LEAST_PATIENCE_MILLIS = 5_000;

  /** Where a command that is repeated comes from. */
  enum Origin {
    /** It was answered here. */
    HERE,
    /** It stands last in a command log; if nobody was answered, it may never have ended. */
    LAST_HERE,
    /** It stands in a recording, which anybody may have written: the limits hold. */
    ELSEWHERE
  }

  /** True for a run of which nobody knows where it ended, or whether it did. */
  boolean isOpen() {
    return origin == Origin.LAST_HERE && limited.equals(Logged.Limited.NOT);
  }

  /** How long a run may take. */
  long millis(Limits limits) {
    return isOpen()
        ? limits.runMillis()
        : Math.max((long) PATIENCE * limits.runMillis(), LEAST_PATIENCE_MILLIS);
  }
}
