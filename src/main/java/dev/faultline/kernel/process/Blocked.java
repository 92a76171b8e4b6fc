package dev.faultline.kernel.process;

import java.util.function.BooleanSupplier;

/**
 * A system call has to wait. The process stays at its {@code ecall}, and makes the call again once
 * it may go on.
 */
public final class Blocked extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient BooleanSupplier until;

  /**
   * @param until whether there is something to do now
   */
  public Blocked(BooleanSupplier until) {
    super("blocked", null, false, false);
    this.until = until;
  }

  public BooleanSupplier until() {
    return until;
  }
}
