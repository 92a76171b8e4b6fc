package dev.faultline.lab;

import org.jspecify.annotations.Nullable;

/**
 * Does in one laboratory what was done in another, entry by entry, up to a moment. The moment has
 * to be the end of a command.
 */
final class Repetition {
  private final Laboratory laboratory;
  private final long until;
  private final boolean isKept;
  private @Nullable Command pending;
  private Logged.Limited limited = Logged.Limited.NOT;
  private long before;

  /**
   * @param laboratory where it is done, new or at an earlier moment of the same commands
   * @param until the last record to be caused
   * @param isKept whether the laboratory's own command log takes the commands
   */
  Repetition(Laboratory laboratory, long until, boolean isKept) {
    this.laboratory = laboratory;
    this.until = until;
    this.isKept = isKept;
    before = laboratory.log().head();
  }

  /** Takes the next entry; false when the moment is reached and the entry was not needed. */
  boolean take(byte[] entry) {
    switch (Logged.decode(entry)) {
      case Logged.Limited where -> limited = where;
      case Logged.Asked(Command command) -> {
        finish(false);
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
    finish(true);
  }

  /** Does the command that was taken last, after which no entry can say more about it. */
  private void finish(boolean isLast) {
    Command command = pending;
    if (command != null) {
      pending = null;
      before = laboratory.log().head();
      laboratory.repeat(command, new Laboratory.Again(limited, isKept, isLast));
    }
  }

  /**
   * Ends it.
   *
   * @throws NoBoundaryException when the moment is not the end of a command
   */
  void end() {
    if (laboratory.log().head() < until) {
      finish(false);
    }
    long head = laboratory.log().head();
    if (head != until) {
      throw new NoBoundaryException(until, before, head);
    }
  }
}
