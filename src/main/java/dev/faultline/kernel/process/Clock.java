package dev.faultline.kernel.process;

import java.util.function.LongSupplier;

/**
 * The time of the simulated machine: a nanosecond for each retired instruction, and what was slept
 * through while nobody had anything to do.
 */
public final class Clock {
  /** When the machine was started, in seconds since 1970: the first of January 2026. */
  private static final long START = 1_767_225_600L;

  private static final long BILLION = 1_000_000_000L;

  private final LongSupplier retired;
  private long slept;

  public Clock(LongSupplier retired) {
    this.retired = retired;
  }

  /** Nanoseconds since the machine was started. */
  public long monotonic() {
    return retired.getAsLong() + slept;
  }

  /** Instructions that have retired: the time that threads have had on the hart. */
  public long retired() {
    return retired.getAsLong();
  }

  /** Nanoseconds since 1970. */
  public long realTime() {
    return START * BILLION + monotonic();
  }

  /** What real time is ahead of monotonic time. */
  public long bootTime() {
    return START * BILLION;
  }

  /** Nobody has anything to do before {@code moment}: it comes at once. */
  public void sleepUntil(long moment) {
    slept += Math.max(moment - monotonic(), 0);
  }
}
