package dev.faultline.lesson;

/** A scenario cannot be read: which file, which line, which member, and what about it. */
public final class BadScenarioException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadScenarioException(String file, int line, String message) {
    super("%s, line %d: %s".formatted(file, line, message));
  }
}
