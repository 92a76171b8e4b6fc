package dev.faultline.log;

/**
 * The state that the changes of a log add up to: every table's rows. It is moved on by a cursor,
 * and equals the live machine at each operation's end.
 */
public final class FoldedState {
  private final Schema schema;
  private final Strings strings;
  private final Rows[] tables;
  private long sequence;

  /** A state without any row. */
  public FoldedState(Schema schema, Strings strings) {
    this.schema = schema;
    this.strings = strings;
    tables = new Rows[schema.tables().size()];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = new Rows(schema.tables().get(i));
    }
  }

  private FoldedState(FoldedState other) {
    schema = other.schema;
    strings = other.strings;
    sequence = other.sequence;
    tables = new Rows[other.tables.length];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = other.tables[i].copy();
    }
  }

  public FoldedState copy() {
    return new FoldedState(this);
  }

  public Schema schema() {
    return schema;
  }

  /** The rows of a table of this state's schema. */
  public Rows rows(TableShape table) {
    return tables[table.ordinal()];
  }

  public Strings strings() {
    return strings;
  }

  /** The sequence number of the last record folded in. */
  public long sequence() {
    return sequence;
  }

  /** Folds in every published record up to and including {@code last}. */
  public void advance(ChangeLog log, long last) {
    Cursor cursor = log.cursor(sequence);
    while (sequence < last && cursor.next()) {
      apply(cursor);
    }
  }

  /** Says which moment this is, when its rows come from elsewhere than the records before it. */
  public void setSequence(long sequence) {
    this.sequence = sequence;
  }

  /** Folds in {@code record}, which must be the next. */
  public void apply(LogRecord record) {
    apply(record.words, record.start);
    sequence = record.sequence();
  }

  /** Folds in all records of a chunk, which begins with the next. */
  void apply(ChangeLog.Chunk chunk) {
    for (int at = 0; at < chunk.used; at += ChangeLog.length(chunk.words[at])) {
      apply(chunk.words, at);
      sequence++;
    }
  }

  private void apply(long[] words, int at) {
    long header = words[at];
    int type = ChangeLog.type(header);
    if (type == RecordType.UPDATE.ordinal()) {
      Rows rows = tables[ChangeLog.ordinal(header)];
      int place = rows.find(words[at + 1]);
      long columns = header >>> ChangeLog.COLUMNS_SHIFT;
      for (int after = at + 3; columns != 0; after += 2, columns &= columns - 1) {
        rows.set(place, Long.numberOfTrailingZeros(columns), words[after]);
      }
    } else if (type == RecordType.INSERT.ordinal()) {
      tables[ChangeLog.ordinal(header)].add(words[at + 1], words, at + 2);
    } else if (type == RecordType.DELETE.ordinal()) {
      tables[ChangeLog.ordinal(header)].remove(words[at + 1]);
    }
  }

  /** Takes {@code record} back, which must be the last one folded in. */
  public void undo(LogRecord record) {
    switch (record.type()) {
      case INSERT -> tables[record.ordinal()].remove(record.key());
      case UPDATE -> {
        Rows rows = tables[record.ordinal()];
        int row = rows.find(record.key());
        long columns = record.columns();
        for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
          rows.set(row, Long.numberOfTrailingZeros(columns), record.before(nth));
        }
      }
      case DELETE -> tables[record.ordinal()].add(record.key(), record.words, record.start + 2);
      case STRING, OPERATION, STEP, OUTCOME -> {}
    }
    sequence = record.sequence() - 1;
  }
}
