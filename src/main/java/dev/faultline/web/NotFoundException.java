package dev.faultline.web;

/** An address names a file or a table that is not there. */
final class NotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Rule rule;

  NotFoundException(Rule rule, String message) {
    super(message);
    this.rule = rule;
  }

  Rule rule() {
    return rule;
  }
}
