package dev.faultline.log;

/**
 * The state that the changes of a log add up to: every table's rows. It is moved on by a cursor,
 * and equals the live machine at each operation's end.
 */
public final class FoldedState {
  private final Strings strings;
  private final Rows[] tables;
  private long sequence;

  FoldedState(Strings strings) {
    this.strings = strings;
    tables = new Rows[Table.values().length];
    for (Table table : Table.values()) {
      tables[table.ordinal()] = new Rows(table.width(), table.keyShift());
    }
  }

  private FoldedState(FoldedState other) {
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

  public Rows rows(Table table) {
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

  /** Folds in the record that {@code record} stands on, which must be the next. */
  public void apply(Cursor record) {
    switch (record.type()) {
      case INSERT -> {
        Rows rows = tables[record.table().ordinal()];
        int row = rows.add(record.key());
        for (int column = 0; column < rows.width(); column++) {
          rows.set(row, column, record.value(column));
        }
      }
      case UPDATE -> {
        Rows rows = tables[record.table().ordinal()];
        int row = rows.find(record.key());
        long columns = record.columns();
        for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
          rows.set(row, Long.numberOfTrailingZeros(columns), record.after(nth));
        }
      }
      case DELETE -> tables[record.table().ordinal()].remove(record.key());
      case STRING, OPERATION, STEP, OUTCOME -> {}
    }
    sequence = record.sequence();
  }

  void apply(Cursor record, long before) {
    while (sequence + 1 < before) {
      record.nextWithin();
      apply(record);
    }
  }
}
