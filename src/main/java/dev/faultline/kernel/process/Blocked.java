package dev.faultline.kernel.process;

import java.util.function.BooleanSupplier;

/**
 * A system call has to wait. The thread stays at its {@code ecall}, and makes the call again once
 * it may go on.
 */
public final class Blocked extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Wait wait;

  /**
   * @param until whether there is something to do now
   */
  public Blocked(BooleanSupplier until) {
    this(Wait.until(until));
  }

  public Blocked(Wait wait) {
    super("blocked", null, false, false);
    this.wait = wait;
  }

  public Wait until() {
    return wait;
  }
}
