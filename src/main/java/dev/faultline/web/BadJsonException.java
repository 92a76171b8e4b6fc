package dev.faultline.web;

/** A body that is not JSON. */
final class BadJsonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadJsonException(String message) {
    super(message);
  }
}
