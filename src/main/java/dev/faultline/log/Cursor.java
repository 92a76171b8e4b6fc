package dev.faultline.log;

import dev.faultline.log.ChangeLog.Chunk;
import org.jspecify.annotations.Nullable;

/**
 * A reader's own place in a {@link ChangeLog}, and a view of the record it stands on. A cursor
 * never slows the writer, and keeps at most one chunk of the log alive.
 */
public final class Cursor {
  private final ChangeLog log;
  private @Nullable Chunk chunk;
  private long[] words = {};
  private int start;
  private int end;
  private long sequence;

  Cursor(ChangeLog log, long sequence) {
    this.log = log;
    this.sequence = sequence;
  }

  /** A cursor over one chunk alone; for the log's own folding. */
  Cursor(ChangeLog log, Chunk chunk) {
    this(log, chunk.firstSequence - 1);
    this.chunk = chunk;
    this.words = chunk.words;
  }

  /**
   * Moves to the next published record; false when there is none yet.
   *
   * @throws SequenceGoneException when that record has left the log
   */
  public boolean next() {
    ChangeLog.View view = log.view();
    if (sequence >= view.head()) {
      return false;
    }
    Chunk[] chunks = view.chunks();
    if (sequence + 1 < chunks[0].firstSequence) {
      throw new SequenceGoneException(sequence, chunks[0].firstSequence - 1);
    }
    int index = indexOf(chunks, sequence + 1);
    Chunk wanted = chunks[index];
    if (wanted == chunk) {
      start = end;
    } else {
      enter(wanted);
    }
    end = start + ChangeLog.length(words[start]);
    sequence++;
    return true;
  }

  private void enter(Chunk wanted) {
    chunk = wanted;
    words = wanted.words;
    start = 0;
    for (long skip = sequence + 1 - wanted.firstSequence; skip > 0; skip--) {
      start += ChangeLog.length(words[start]);
    }
  }

  private static int indexOf(Chunk[] chunks, long sequence) {
    int low = 0;
    int high = chunks.length - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (chunks[middle].firstSequence <= sequence) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Moves to the next record of the only chunk, whether or not it is published. */
  void nextWithin() {
    start = end;
    end = start + ChangeLog.length(words[start]);
    sequence++;
  }

  /**
   * The sequence number of the record that the cursor stands on, or that it was made to begin
   * after.
   */
  public long sequence() {
    return sequence;
  }

  public RecordType type() {
    return RecordType.at(ChangeLog.type(words[start]));
  }

  /** The number of the table, step or operation. */
  int ordinal() {
    return ChangeLog.ordinal(words[start]);
  }

  public Table table() {
    return Table.at(ChangeLog.ordinal(words[start]));
  }

  public StepKind step() {
    return StepKind.at(ChangeLog.ordinal(words[start]));
  }

  public OperationKind operation() {
    return OperationKind.at(ChangeLog.ordinal(words[start]));
  }

  /** The key of the row of a change. */
  public long key() {
    return words[start + 1];
  }

  /** How many arguments or values follow the header. */
  public int argumentCount() {
    return end - start - 1;
  }

  /** An argument of a step, an operation or an outcome; the number of a string. */
  public long argument(int index) {
    return words[start + 1 + index];
  }

  /** The value of a column in an insertion or a deletion. */
  public long value(int column) {
    return words[start + 2 + column];
  }

  /** The columns of an update, one bit each. */
  public long columns() {
    return words[start] >>> ChangeLog.COLUMNS_SHIFT;
  }

  /** The former value of the {@code nth} column among those of an update. */
  public long before(int nth) {
    return words[start + 2 + 2 * nth];
  }

  /** The new value of the {@code nth} column among those of an update. */
  public long after(int nth) {
    return words[start + 3 + 2 * nth];
  }

  /** The sentence of a step, an operation's beginning, or the words of an outcome. */
  public String text() {
    Strings strings = log.strings();
    return switch (type()) {
      case STEP -> step().text(this, strings);
      case OPERATION -> operation().text(this, strings);
      default -> "";
    };
  }

  /** The words that a step adds when its story is told in one sentence. */
  public @Nullable String headline() {
    return type() == RecordType.STEP ? step().headline(this, log.strings()) : null;
  }

  public Strings strings() {
    return log.strings();
  }
}
