package dev.faultline.kernel.process;

import java.util.function.BooleanSupplier;

/**
 * What a thread waits for.
 *
 * @param until whether it has come
 * @param deadline until when at the latest, in nanoseconds since the machine was started
 * @param interruption what a signal does
 */
public record Wait(BooleanSupplier until, long deadline, Interruption interruption) {
  /** For ever. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  /** What comes of a wait when a signal is delivered ({@code ERESTARTSYS} and its kin). */
  public enum Interruption {
    /** After a handler the call is made again if its action says so (SA_RESTART). */
    RESTARTS,
    /** After a handler the call has failed. */
    ENDS,
    /** Only what kills ends it. */
    NONE
  }

  public static Wait until(BooleanSupplier until) {
    return new Wait(until, NO_DEADLINE, Interruption.RESTARTS);
  }

  /** The same, but a handler makes the call fail. */
  public Wait endedByHandlers() {
    return new Wait(until, deadline, Interruption.ENDS);
  }

  public Wait uninterruptible() {
    return new Wait(until, deadline, Interruption.NONE);
  }

  public Wait orAt(long moment) {
    return new Wait(until, moment, interruption);
  }
}
