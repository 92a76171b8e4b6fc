package dev.faultline.log;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One record of a log, live or recorded, as {@link ChangeLog} lays it out in words. What its
 * numbers mean is in its {@link Schema}, which for a recording is that of the engine that wrote it.
 */
public abstract class LogRecord {
  long[] words = {};
  int start;
  int end;
  long sequence;

  LogRecord(long sequence) {
    this.sequence = sequence;
  }

  public abstract Strings strings();

  public abstract Schema schema();

  /**
   * The sequence number of the record that this stands on; for a cursor, at first, the one that it
   * was made to begin after.
   */
  public final long sequence() {
    return sequence;
  }

  public final RecordType type() {
    return RecordType.at(ChangeLog.type(words[start]));
  }

  /** The number of the table, step or operation in the schema. */
  public final int ordinal() {
    return ChangeLog.ordinal(words[start]);
  }

  /** The key of the row of a change. */
  public final long key() {
    return words[start + 1];
  }

  /** How many arguments or values follow the header. */
  public final int argumentCount() {
    return end - start - 1;
  }

  /** An argument of a step, an operation or an outcome; the number of a string. */
  public final long argument(int index) {
    return words[start + 1 + index];
  }

  /** The value of a column in an insertion or a deletion. */
  public final long value(int column) {
    return words[start + 2 + column];
  }

  /** The columns of an update, one bit each. */
  public final long columns() {
    return words[start] >>> ChangeLog.COLUMNS_SHIFT;
  }

  /** The former value of the {@code nth} column among those of an update. */
  public final long before(int nth) {
    return words[start + 2 + 2 * nth];
  }

  /** The new value of the {@code nth} column among those of an update. */
  public final long after(int nth) {
    return words[start + 3 + 2 * nth];
  }

  /** True when both records say the same: type, subject and every number. */
  public final boolean saysTheSameAs(LogRecord other) {
    boolean alike = Arrays.equals(words, start, end, other.words, other.start, other.end);
    return alike && (type() != RecordType.STRING || newText().equals(other.newText()));
  }

  private String newText() {
    return strings().text((int) argument(0));
  }

  /** The sentence of a step, or an operation's beginning. */
  public final String text() {
    return switch (type()) {
      case STEP -> schema().step(ordinal()).sentence().fill(this);
      case OPERATION -> schema().operation(ordinal()).sentence().fill(this);
      default -> "";
    };
  }

  /** The words that a step adds when its story is told in one sentence. */
  public final @Nullable String headline() {
    Schema.Sentence words = type() == RecordType.STEP ? schema().step(ordinal()).headline() : null;
    return words == null ? null : words.fill(this);
  }
}
