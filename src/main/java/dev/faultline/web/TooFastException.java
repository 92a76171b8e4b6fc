package dev.faultline.web;

/** Somebody asks more often than they may. */
final class TooFastException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final long seconds;

  /**
   * @param seconds after which it is worth trying again
   */
  TooFastException(String message, long seconds) {
    super(message);
    this.seconds = seconds;
  }

  long seconds() {
    return seconds;
  }
}
