package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordEncoder;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Writes records into one segment after the other, and keeps the state that they add up to.
 *
 * <p>A record names only what a reader who has the state cannot know: an update writes how far each
 * column moves, a deletion nothing but its key. A keyframe is written column by column in the order
 * of keys, each value as its distance from the one above, since rows come in runs: consecutive
 * pages, frames and entries cost about a byte where they would cost twenty.
 */
final class SegmentEncoder {
  private static final String TRAP = "TRAPS";

  /** Of a number; a letter has at most 3 bytes. */
  private static final int LONGEST_NUMBER = 10;

  private final Schema schema;
  private final FoldedState state;
  private final StateHash hash = new StateHash();
  private final TextPlaces texts;
  private final int trap;

  private Prediction prediction;
  private final RecordEncoder keyframe = new RecordEncoder();
  private final RecordEncoder records = new RecordEncoder();
  private final BitSet needed = new BitSet();
  private final BitSet introduced = new BitSet();
  private boolean hasKeyframe;
  private long first;
  private int count;
  private int operations;
  private int faults;

  /**
   * @param state where the recording begins; from now on this encoder moves it on
   */
  SegmentEncoder(FoldedState state) {
    this.state = state;
    schema = state.schema();
    texts = new TextPlaces(schema);
    prediction = new Prediction(schema);
    hash.set(StateHash.of(state));
    trap = schema.steps().stream().map(Schema.Step::name).toList().indexOf(TRAP);
    first = state.sequence() + 1;
  }

  long firstMoment() {
    return first - 1;
  }

  FoldedState state() {
    return state;
  }

  long hash() {
    return hash.value();
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** True when the record still belongs to this segment. */
  boolean fits(LogRecord record) {
    int most =
        record.type() == RecordType.STRING
            ? 3 * (LONGEST_NUMBER + record.strings().text((int) record.argument(0)).length())
            : LONGEST_NUMBER * (2 + record.argumentCount());
    return count < Segment.MOST_RECORDS && records.size() + most <= Segment.FULL_BYTES;
  }

  /** The next segment begins with the whole state as it is now. */
  void putKeyframe() {
    hasKeyframe = true;
    for (TableShape table : schema.tables()) {
      Rows rows = state.rows(table);
      long[] keys = rows.sortedKeys();
      keyframe.putNumber(keys.length);
      long above = 0;
      for (long key : keys) {
        keyframe.putSigned(key - above);
        above = key;
      }
      int[] places = Arrays.stream(keys).mapToInt(rows::find).toArray();
      for (int column = 0; column < rows.width(); column++) {
        boolean text = texts.columns(table.ordinal()).get(column);
        above = 0;
        for (int place : places) {
          long value = rows.cell(place, column);
          keyframe.putSigned(value - above);
          above = value;
          if (text) {
            TextPlaces.add(value, needed);
          }
        }
      }
    }
  }

  /** Adds the record after the last one. */
  void put(LogRecord record) {
    RecordType type = record.type();
    int ordinal = record.ordinal();
    records.putNumber(type.ordinal() | (long) ordinal << 3);
    texts.collect(record, needed);
    switch (type) {
      case STRING -> {
        int number = (int) record.argument(0);
        introduced.set(number);
        records.putNumber(number).putText(record.strings().text(number));
      }
      case OPERATION, STEP, OUTCOME -> {
        long[] last = prediction.arguments(type, ordinal);
        for (int i = 0; i < last.length; i++) {
          records.putSigned(record.argument(i) - last[i]);
          last[i] = record.argument(i);
        }
        operations += type == RecordType.OPERATION ? 1 : 0;
        faults += type == RecordType.STEP && isFault(record, trap) ? 1 : 0;
      }
      case INSERT -> {
        putKey(ordinal, record.key());
        long[] last = prediction.rows[ordinal];
        for (int column = 0; column < last.length; column++) {
          records.putSigned(record.value(column) - last[column]);
          last[column] = record.value(column);
        }
      }
      case UPDATE -> {
        putKey(ordinal, record.key());
        records.putNumber(record.columns());
        for (int nth = 0; nth < Long.bitCount(record.columns()); nth++) {
          records.putSigned(record.after(nth) - record.before(nth));
        }
      }
      case DELETE -> putKey(ordinal, record.key());
    }
    hash.apply(state, record);
    count++;
  }

  /** True for the step that a page fault begins with. */
  static boolean isFault(LogRecord record, int trap) {
    return record.ordinal() == trap && record.argument(0) >= 12;
  }

  private void putKey(int table, long key) {
    records.putSigned(key - prediction.keys[table]);
    prediction.keys[table] = key;
  }

  /** What was put since the segment began. */
  Segment cut() {
    var body = new RecordEncoder();
    needed.andNot(introduced);
    body.putNumber(needed.cardinality());
    for (int i = needed.nextSetBit(0); i >= 0; i = needed.nextSetBit(i + 1)) {
      body.putNumber(i).putText(state.strings().text(i));
    }
    body.append(keyframe).append(records);
    byte[] bytes = body.toByteArray();
    return new Segment(
        first,
        count,
        hasKeyframe,
        operations,
        faults,
        hash.value(),
        bytes.length,
        Deflated.deflate(bytes));
  }

  /** The bytes of this segment's keyframe before they are deflated; 0 without one. */
  int keyframeLength() {
    return keyframe.size();
  }

  /** The bytes of this segment's records before they are deflated. */
  int recordsLength() {
    return records.size();
  }

  /** Begins the next segment, without a keyframe. */
  void begin() {
    prediction = new Prediction(schema);
    keyframe.clear();
    records.clear();
    needed.clear();
    introduced.clear();
    hasKeyframe = false;
    first = state.sequence() + 1;
    count = 0;
    operations = 0;
    faults = 0;
  }
}
