package dev.faultline.machine;

import dev.faultline.log.Actor;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.RecordType;
import dev.faultline.log.StepKind;
import dev.faultline.machine.mmu.Walk;

/**
 * Prints what a machine's log tells of translations and traps. Before each step of a walk stand the
 * numbers of the steps of the Privileged Architecture's "Virtual Address Translation Process" that
 * it took, the last of them the one that decided.
 */
final class PagingSteps {
  /** Of one program; a program that faults without end would fill any disk. */
  private static final int MOST_LINES = 100_000;

  private final ChangeLog log;
  private final Terminal out;
  private final Cursor cursor;
  private int lines;

  PagingSteps(ChangeLog log, Terminal out) {
    this.log = log;
    this.out = out;
    cursor = log.cursor(log.head());
  }

  /** Prints the steps that were told since the last time. */
  void print() {
    log.publish();
    while (cursor.next()) {
      if (cursor.type() == RecordType.STEP && lines <= MOST_LINES) {
        lines++;
        out.line(
            lines > MOST_LINES
                ? "  (after %d lines the rest is not shown)".formatted(MOST_LINES)
                : line(cursor.step()));
      }
    }
  }

  private String line(StepKind kind) {
    if (kind == StepKind.TRANSLATES || kind.actor() != Actor.MMU) {
      return "  " + cursor.text();
    }
    return "    %-5s %s".formatted(manualSteps(kind), cursor.text());
  }

  private String manualSteps(StepKind kind) {
    return switch (kind) {
      case READS_SATP -> "1";
      case READS_POINTER -> "2-4";
      case READS_LEAF -> "2-5";
      case CANNOT_READ -> "2";
      case READS_UNUSABLE -> "2-" + Walk.manualStep((int) cursor.argument(4));
      case FORBIDS -> Integer.toString(Walk.manualStep((int) cursor.argument(0)));
      case SETS_ACCESSED_DIRTY -> "9";
      case FINDS_PHYSICAL -> "10";
      // The TLB, and what comes before the first step.
      default -> "";
    };
  }
}
