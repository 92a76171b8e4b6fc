package dev.faultline.machine.mmu;

/**
 * An exception of the hart, on its way to the trap handler. Each hart has one, used again for every
 * trap, so that a fault costs no allocation.
 */
public final class Trap extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private int cause;
  private long value;

  public Trap() {
    super(null, null, false, false);
  }

  /** This trap, for {@code throw}: an exception code and what goes to {@code stval}. */
  public Trap with(int newCause, long newValue) {
    cause = newCause;
    value = newValue;
    return this;
  }

  public int cause() {
    return cause;
  }

  public long value() {
    return value;
  }
}
