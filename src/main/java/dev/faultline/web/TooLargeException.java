package dev.faultline.web;

/** A member of a request asks for more than a limit allows. */
final class TooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String member;
  private final String limit;
  private final long value;

  /**
   * @param limit the component of {@link dev.faultline.lab.Limits} that was passed
   */
  TooLargeException(String member, String limit, long value, String what) {
    super(member + " must have at most " + value + " " + what);
    this.member = member;
    this.limit = limit;
    this.value = value;
  }

  String member() {
    return member;
  }

  String limit() {
    return limit;
  }

  long value() {
    return value;
  }
}
