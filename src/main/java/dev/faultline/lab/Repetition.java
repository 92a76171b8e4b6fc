package dev.faultline.lab;

import dev.faultline.recording.BadRecordingException;
import org.jspecify.annotations.Nullable;

/**
 * Does in one laboratory what was done in another, entry by entry, up to a moment. The moment has
 * to be the end of a command.
 */
final class Repetition {
  private final Laboratory laboratory;
  private final long until;
  private final boolean isKept;
  private final Again.Origin origin;
  private @Nullable Command pending;
  private Logged.Limited limited = Logged.Limited.NOT;
  private long before;

  /**
   * @param laboratory where it is done, new or at an earlier moment of the same commands
   * @param until the last record to be caused
   * @param isKept whether the laboratory's own command log takes the commands
   */
  Repetition(Laboratory laboratory, long until, boolean isKept, Again.Origin origin) {
    this.laboratory = laboratory;
    this.until = until;
    this.isKept = isKept;
    this.origin = origin;
    before = laboratory.log().head();
  }

  /** Takes the next entry; false when the moment is reached and the entry was not needed. */
  boolean take(byte[] entry) {
    switch (Logged.decode(entry)) {
      case Logged.Limited where -> limited = where;
      case Logged.Asked(Command command) -> {
        finish(origin);
        if (laboratory.log().head() >= until) {
          return false;
        }
        pending = command;
        limited = Logged.Limited.NOT;
      }
    }
    return true;
  }

  /** Does the last command of a log, whose server may have ended in the middle of it. */
  void finish() {
    finish(Again.Origin.LAST_HERE);
  }

  /** Does the command that was taken last, after which no entry can say more about it. */
  private void finish(Again.Origin from) {
    Command command = pending;
    if (command == null) {
      return;
    }
    pending = null;
    before = laboratory.log().head();
    var again = new Again(limited, isKept, from);
    if (from != Again.Origin.ELSEWHERE) {
      laboratory.repeat(command, again);
      return;
    }
    try {
      laboratory.repeat(command, again);
    } catch (NoSuchProcessException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | ArithmeticException exception) {
      throw new BadRecordingException(
          "a %s in it cannot be done: %s"
              .formatted(command.getClass().getSimpleName(), exception.getMessage()));
    }
  }

  /**
   * Ends it.
   *
   * @throws NoBoundaryException when the moment is not the end of a command
   */
  void end() {
    if (laboratory.log().head() < until) {
      finish(origin);
    }
    long head = laboratory.log().head();
    if (head != until) {
      throw new NoBoundaryException(until, before, head);
    }
  }
}
