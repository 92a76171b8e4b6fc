package dev.faultline.web;

/** A request may not do that. */
final class NoAccessException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Rule rule;

  NoAccessException(Rule rule, String message) {
    super(message);
    this.rule = rule;
  }

  Rule rule() {
    return rule;
  }
}
