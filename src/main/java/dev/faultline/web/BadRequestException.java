package dev.faultline.web;

/** Something in a request is wrong: which member, and what about it. */
final class BadRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Rule rule;
  private final String member;

  private BadRequestException(Rule rule, String member, String message) {
    super(message);
    this.rule = rule;
    this.member = member;
  }

  /** A command, or the description of a laboratory, has a member that cannot be taken. */
  static BadRequestException member(String member, String message) {
    return new BadRequestException(Rule.BAD_COMMAND, member, message);
  }

  /** A parameter of the address cannot be taken. */
  static BadRequestException parameter(String parameter, String message) {
    return new BadRequestException(Rule.BAD_PARAMETER, parameter, message);
  }

  /** A header cannot be taken. */
  static BadRequestException header(String header, String message) {
    return new BadRequestException(Rule.BAD_HEADER, header, message);
  }

  /** A range begins behind the last byte. */
  static BadRequestException range(long size) {
    return new BadRequestException(
        Rule.BAD_RANGE, Rule.BAD_RANGE.member(), "there are " + size + " bytes");
  }

  /** A parameter names a moment that the log has not come to. */
  static BadRequestException sequenceAhead(String parameter, String message) {
    return new BadRequestException(Rule.SEQUENCE_AHEAD, parameter, message);
  }

  Rule rule() {
    return rule;
  }

  String member() {
    return member;
  }
}
