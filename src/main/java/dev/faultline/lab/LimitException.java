package dev.faultline.lab;

/** A limit was reached; nothing was done. */
public final class LimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String limit;
  private final long value;

  /**
   * @param limit the component of {@link Limits} that was reached
   */
  public LimitException(String limit, long value, String message) {
    super(message);
    this.limit = limit;
    this.value = value;
  }

  public String limit() {
    return limit;
  }

  public long value() {
    return value;
  }
}
