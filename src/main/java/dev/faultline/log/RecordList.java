package dev.faultline.log;

import java.util.Arrays;

/**
 * Records in memory outside a {@link ChangeLog}: those of a recording's segment, in the same words,
 * each reachable by its place. Whoever adds to it has to add whole records that fit the schema.
 */
public final class RecordList {
  private final Schema schema;
  private final Strings strings;
  private final long firstSequence;
  private long[] words = new long[1024];
  private int used;
  private int[] starts = new int[256];
  private int size;

  public RecordList(Schema schema, Strings strings, long firstSequence) {
    this.schema = schema;
    this.strings = strings;
    this.firstSequence = firstSequence;
  }

  public int size() {
    return size;
  }

  public long firstSequence() {
    return firstSequence;
  }

  public long lastSequence() {
    return firstSequence + size - 1;
  }

  /** Starts a record; {@link #value} for each of its words follows, then {@link #end}. */
  public RecordList begin(RecordType type, int ordinal, long columns) {
    if (size + 1 >= starts.length) {
      starts = Arrays.copyOf(starts, starts.length * 2);
    }
    starts[size] = used;
    return value(
        type.ordinal()
            | (long) ordinal << ChangeLog.ORDINAL_SHIFT
            | columns << ChangeLog.COLUMNS_SHIFT);
  }

  public RecordList value(long value) {
    if (used == words.length) {
      words = Arrays.copyOf(words, used * 2);
    }
    words[used++] = value;
    return this;
  }

  public void end() {
    int start = starts[size];
    words[start] |= (long) (used - start) << ChangeLog.LENGTH_SHIFT;
    starts[++size] = used;
  }

  /** A view of one record after the other, which stands on the first one. */
  public View view() {
    return new View(this);
  }

  /** A record of the list, and with {@link #moveTo} any other. */
  public static final class View extends LogRecord {
    private final RecordList list;

    private View(RecordList list) {
      super(list.firstSequence);
      this.list = list;
    }

    /** Moves to the record with this place, 0 being the first. */
    public View moveTo(int index) {
      words = list.words;
      start = list.starts[index];
      end = list.starts[index + 1];
      sequence = list.firstSequence + index;
      return this;
    }

    @Override
    public Strings strings() {
      return list.strings;
    }

    @Override
    public Schema schema() {
      return list.schema;
    }
  }
}
