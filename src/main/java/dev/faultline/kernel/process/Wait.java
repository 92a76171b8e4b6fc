package dev.faultline.kernel.process;

import java.util.function.BooleanSupplier;

/**
 * What a thread waits for.
 *
 * @param until whether it has come
 * @param deadline until when at the latest, in nanoseconds since the machine was started
 * @param interruption what a signal does
 * @param whenEnded what is still done when a handler makes the call fail
 */
public record Wait(
    BooleanSupplier until, long deadline, Interruption interruption, Runnable whenEnded) {
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
    return new Wait(until, NO_DEADLINE, Interruption.RESTARTS, () -> {});
  }

  /** The same, but a handler makes the call fail. */
  public Wait endedByHandlers() {
    return endedByHandlers(() -> {});
  }

  /** The same, which leaves something behind then. */
  public Wait endedByHandlers(Runnable whenEnded) {
    return new Wait(until, deadline, Interruption.ENDS, whenEnded);
  }

  public Wait uninterruptible() {
    return new Wait(until, deadline, Interruption.NONE, whenEnded);
  }

  public Wait orAt(long moment) {
    return new Wait(until, moment, interruption, whenEnded);
  }
}
