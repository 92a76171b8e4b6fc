package dev.faultline.log;

import dev.faultline.log.ChangeLog.Chunk;
import org.jspecify.annotations.Nullable;

/**
 * A reader's own place in a {@link ChangeLog}, and a view of the record it stands on. A cursor
 * never slows the writer, and keeps at most one chunk of the log alive.
 */
public final class Cursor extends LogRecord {
  private final ChangeLog log;
  private @Nullable Chunk chunk;

  Cursor(ChangeLog log, long sequence) {
    super(sequence);
    this.log = log;
  }

  /**
   * Moves to the next published record; false when there is none yet. It stands in the same chunk
   * if that is the last one, or else, as it is written no more, has words left.
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
    Chunk here = chunk;
    if (here != null && (here == chunks[chunks.length - 1] || end < here.used)) {
      start = end;
    } else {
      enter(chunks[indexOf(chunks, sequence + 1)]);
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

  public Table table() {
    return Table.at(ordinal());
  }

  public StepKind step() {
    return StepKind.at(ordinal());
  }

  public OperationKind operation() {
    return OperationKind.at(ordinal());
  }

  @Override
  public Strings strings() {
    return log.strings();
  }

  @Override
  public Schema schema() {
    return Schema.CURRENT;
  }
}
