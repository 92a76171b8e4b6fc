package dev.faultline.web;

/** A laboratory is no longer where a request expected it to be. */
final class HeadMovedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final long head;

  HeadMovedException(long head) {
    super("the laboratory's head is " + head);
    this.head = head;
  }

  long head() {
    return head;
  }
}
