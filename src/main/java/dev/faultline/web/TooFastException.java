package dev.faultline.web;

/** Somebody asks more often than they may. */
final class TooFastException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String member;
  private final long seconds;

  /**
   * @param member who has asked too often
   * @param seconds after which it is worth trying again
   */
  TooFastException(String member, String message, long seconds) {
    super(message);
    this.member = member;
    this.seconds = seconds;
  }

  String member() {
    return member;
  }

  long seconds() {
    return seconds;
  }
}
