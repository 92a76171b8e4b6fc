package dev.faultline.web;

/** A request names something that is not there. */
final class NotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Rule rule;
  private final String member;

  NotFoundException(Rule rule, String message) {
    this(rule, rule.member(), message);
  }

  /**
   * @param member which names it, where it is not the usual one
   */
  NotFoundException(Rule rule, String member, String message) {
    super(message);
    this.rule = rule;
    this.member = member;
  }

  Rule rule() {
    return rule;
  }

  String member() {
    return member;
  }
}
