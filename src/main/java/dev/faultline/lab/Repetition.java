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
  private long bound;
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
      case Logged.Limited(long instructions) -> bound = instructions;
      case Logged.Asked(Command command) -> {
        finish();
        if (laboratory.log().head() >= until) {
          return false;
        }
        pending = command;
        bound = Long.MAX_VALUE;
      }
    }
    return true;
  }

  /** Does the last command that was taken, after which no entry can say more about it. */
  void finish() {
    Command command = pending;
    if (command != null) {
      pending = null;
      before = laboratory.log().head();
      laboratory.repeat(command, bound, isKept);
    }
  }

  /**
   * Ends it.
   *
   * @throws NoBoundaryException when the moment is not the end of a command
   */
  void end() {
    if (laboratory.log().head() < until) {
      finish();
    }
    long head = laboratory.log().head();
    if (head != until) {
      throw new NoBoundaryException(until, before, head);
    }
  }
}
