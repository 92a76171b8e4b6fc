package dev.faultline.web;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordType;
import dev.faultline.log.Table;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer of a stream asks for.
 *
 * @param after the moment that it has come to, -1 when it has nothing yet
 * @param tables a bit for each table whose changes it wants
 * @param gatherMillis how long changes are gathered for it before they are sent
 */
record Subscription(long after, long tables, long gatherMillis) {
  static final long ALL_TABLES = (1L << Table.values().length) - 1;

  /** Changes that come within one frame of a screen travel together. */
  private static final int MOST_RATE = 60;

  /** An eye takes it for motion, and many viewers cost half of what they do at 60. */
  private static final int DEFAULT_RATE = 30;

  private static final int MILLIS_A_SECOND = 1_000;
  private static final String LABELS =
      Stream.of(Table.values()).map(Table::label).collect(Collectors.joining(", "));

  /**
   * @throws BadRequestException when one of the three cannot be taken
   */
  static Subscription of(
      ChangeLog log, @Nullable String after, @Nullable String tables, @Nullable String rate) {
    return new Subscription(after(log, after), tables(tables), gatherMillis(rate));
  }

  private static long after(ChangeLog log, @Nullable String text) {
    if (text == null) {
      return -1;
    }
    long moment = Numbers.parameter("after", text);
    if (moment < 0 || moment > log.head()) {
      throw BadRequestException.sequenceAhead(
          "after", "the log has come to " + log.head() + ", not to " + text);
    }
    return moment;
  }

  private static long tables(@Nullable String text) {
    if (text == null) {
      return ALL_TABLES;
    }
    long tables = 0;
    for (String label : text.split(",", -1)) {
      tables |= 1L << table(label.strip()).ordinal();
    }
    return tables;
  }

  private static Table table(String label) {
    return Table.labelled(label)
        .orElseThrow(() ->
            BadRequestException.parameter(
                "tables", "there is no table '" + label + "'; there are " + LABELS));
  }

  private static long gatherMillis(@Nullable String text) {
    if (text == null) {
      return MILLIS_A_SECOND / DEFAULT_RATE;
    }
    long rate = Numbers.parameter("rate", text);
    if (rate < 1 || rate > MOST_RATE) {
      throw BadRequestException.parameter("rate", "rate must lie between 1 and " + MOST_RATE);
    }
    return MILLIS_A_SECOND / rate;
  }

  /** Whether rows of a table are sent. */
  static boolean isWanted(String table, long tables) {
    return Table.labelled(table).map(known -> tables >>> known.ordinal() & 1).orElse(1L) != 0;
  }

  /** Whether a record is sent: every record of the story, and changes of the chosen tables. */
  static boolean isWanted(LogRecord record, long tables) {
    RecordType type = record.type();
    boolean isChange =
        type == RecordType.INSERT || type == RecordType.UPDATE || type == RecordType.DELETE;
    return !isChange || (tables >>> record.ordinal() & 1) != 0;
  }
}
