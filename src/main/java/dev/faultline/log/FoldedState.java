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
      tables[i] = new Rows(schema.tables().get(i).width());
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
    switch (record.type()) {
      case INSERT -> put(record);
      case UPDATE -> {
        Rows rows = tables[record.ordinal()];
        int row = rows.find(record.key());
        long columns = record.columns();
        for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
          rows.set(row, Long.numberOfTrailingZeros(columns), record.after(nth));
        }
      }
      case DELETE -> tables[record.ordinal()].remove(record.key());
      case STRING, OPERATION, STEP, OUTCOME -> {}
    }
    sequence = record.sequence();
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
      case DELETE -> put(record);
      case STRING, OPERATION, STEP, OUTCOME -> {}
    }
    sequence = record.sequence() - 1;
  }

  private void put(LogRecord record) {
    Rows rows = tables[record.ordinal()];
    int row = rows.add(record.key());
    for (int column = 0; column < rows.width(); column++) {
      rows.set(row, column, record.value(column));
    }
  }

  void apply(Cursor record, long before) {
    while (sequence + 1 < before) {
      record.nextWithin();
      apply(record);
    }
  }
}
