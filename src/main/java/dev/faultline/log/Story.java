package dev.faultline.log;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One operation told in a sentence, with the rule that decided it. */
public final class Story {
  private static final class Told {
    final String words;
    int times = 1;

    Told(String words) {
      this.words = words;
    }
  }

  private final StringBuilder beginning = new StringBuilder();
  private final Map<Integer, Told> headlines = new LinkedHashMap<>();
  private @Nullable String why;
  private String refusal = "";
  private long faults;

  /** A story of which nothing has been heard yet. */
  public Story() {}

  /**
   * The story of the records after {@code first - 1} up to and including {@code last}. Of one that
   * is longer than what the log keeps, the end is told.
   */
  public static Story of(ChangeLog log, long first, long last) {
    var story = new Story();
    if (log.oldest() >= first) {
      story.beginning.append("a story whose beginning has left the log");
    }
    Cursor cursor = log.cursor(Math.max(first - 1, log.oldest()));
    while (cursor.sequence() < last && cursor.next()) {
      story.hear(cursor);
    }
    return story;
  }

  /** Takes in the next record of the operation. */
  public void hear(LogRecord record) {
    switch (record.type()) {
      case OPERATION -> beginning.append(record.text());
      case STEP -> {
        faults += isFault(record) ? 1 : 0;
        String headline = record.headline();
        if (headline != null) {
          Told told = headlines.putIfAbsent(record.ordinal(), new Told(headline));
          if (told != null) {
            told.times++;
          }
        }
        if (record.schema().step(record.ordinal()).decides()) {
          why = record.text();
        }
      }
      case OUTCOME ->
          refusal =
              record.argument(1) == 0
                  ? ""
                  : record.schema().show("errno", record.argument(1), record.strings());
      case STRING, INSERT, UPDATE, DELETE -> {}
    }
  }

  /** "P1 wrote 8 bytes at 0x...: copy-on-write fault, frame 0x5 copied to 0x9, ...". */
  public String sentence() {
    var sentence = new StringBuilder(beginning);
    String separator = ": ";
    for (Told told : headlines.values()) {
      sentence.append(separator).append(told.words);
      if (told.times > 1) {
        sentence.append(" (first of ").append(told.times).append(')');
      }
      separator = ", ";
    }
    if (!refusal.isEmpty()) {
      sentence.append(separator).append("refused with ").append(refusal);
    }
    return sentence.toString();
  }

  private static boolean isFault(LogRecord record) {
    return record.ordinal() == StepKind.TRAPS.ordinal()
        && record.argument(0) >= Cause.INSTRUCTION_PAGE_FAULT;
  }

  /** How many page faults it tells of, in a log of this version. */
  public long faults() {
    return faults;
  }

  /** The sentence of the last step that decided, or null when nothing had to be decided. */
  public @Nullable String why() {
    return why;
  }
}
