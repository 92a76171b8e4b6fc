package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import dev.faultline.log.RecordList;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;

/**
 * Reads one segment, the mirror image of {@link SegmentEncoder}. It takes nothing on trust: every
 * number is held against the schema and the state before it is used.
 */
final class SegmentDecoder {
  /** Cells of a whole state: a quarter of a gigabyte of memory at the worst. */
  private static final long MOST_CELLS = 8 << 20;

  private static final RecordType[] TYPES = RecordType.values();

  private final Schema schema;
  private final RecordedStrings strings;
  private final Segment segment;
  private final ByteReader body;
  private final int recordsAt;

  SegmentDecoder(Schema schema, RecordedStrings strings, Segment segment) {
    this.schema = schema;
    this.strings = strings;
    this.segment = segment;
    body = new ByteReader(Deflated.inflate(segment.deflated(), segment.length()));
    for (int n = body.count("the number of strings", body.remaining()); n > 0; n--) {
      strings.put(body.count("the number of a string", RecordedStrings.MOST), body.text());
    }
    recordsAt = body.position();
  }

  /** The state that the segment's keyframe holds, or skips it when {@code keep} is false. */
  FoldedState keyframe() {
    var state = new FoldedState(schema, strings);
    long cells = 0;
    for (TableShape table : schema.tables()) {
      Rows rows = state.rows(table);
      int size = body.count("the number of rows", body.remaining() / (rows.width() + 1));
      cells += (long) size * (rows.width() + 1);
      check(cells <= MOST_CELLS, "a keyframe has more than " + MOST_CELLS + " cells");
      long[] keys = new long[size];
      long above = 0;
      for (int i = 0; i < size; i++) {
        keys[i] = above + body.signed();
        check(i == 0 || keys[i] > above, "the keys of a keyframe are out of order");
        above = keys[i];
        rows.add(above);
      }
      for (int column = 0; column < rows.width(); column++) {
        above = 0;
        for (long key : keys) {
          above += body.signed();
          rows.set(rows.find(key), column, above);
        }
      }
    }
    state.setSequence(segment.first() - 1);
    return state;
  }

  /** The bytes of the records alone. */
  ByteReader recordBytes() {
    if (segment.hasKeyframe()) {
      skipKeyframe();
    }
    return body;
  }

  private void skipKeyframe() {
    for (TableShape table : schema.tables()) {
      int size = body.count("the number of rows", body.remaining() / (table.width() + 1));
      for (long numbers = (long) size * (table.width() + 1); numbers > 0; numbers--) {
        body.number();
      }
    }
  }

  /** The segment's records; {@code state}, which stood before the first, stands after the last. */
  RecordList records(FoldedState state) {
    if (segment.hasKeyframe() && body.position() == recordsAt) {
      skipKeyframe();
    }
    var list = new RecordList(schema, strings, segment.first());
    RecordList.View view = list.view();
    var prediction = new Prediction(schema);
    long cells = 0;
    for (TableShape table : schema.tables()) {
      cells += (long) state.rows(table).size() * (table.width() + 1);
    }
    for (int i = 0; i < segment.count(); i++) {
      RecordType type = record(list, state, prediction);
      if (type == RecordType.INSERT) {
        cells += list.view().moveTo(i).argumentCount();
        check(cells <= MOST_CELLS, "the state has more than " + MOST_CELLS + " cells");
      }
      state.apply(view.moveTo(i));
    }
    check(body.remaining() == 0, "a segment goes on after its last record");
    return list;
  }

  private RecordType record(RecordList list, FoldedState state, Prediction prediction) {
    long head = body.number();
    check(head >= 0 && (head & 7) < TYPES.length, "a record has no known type");
    RecordType type = TYPES[(int) (head & 7)];
    switch (type) {
      case STRING -> {
        int number = body.count("the number of a string", RecordedStrings.MOST);
        strings.put(number, body.text());
        list.begin(type, 0, 0).value(number).end();
      }
      case OPERATION, STEP, OUTCOME -> {
        check(head >>> 3 < prediction.kinds(type), "a record of a kind that the schema lacks");
        int ordinal = (int) (head >>> 3);
        list.begin(type, ordinal, 0);
        putDistances(list, prediction.arguments(type, ordinal));
        list.end();
      }
      case INSERT, UPDATE, DELETE -> {
        check(head >>> 3 < schema.tables().size(), "a change of a table that the schema lacks");
        change(list, state, prediction, type, schema.tables().get((int) (head >>> 3)));
      }
    }
    return type;
  }

  private void putDistances(RecordList list, long[] last) {
    for (int i = 0; i < last.length; i++) {
      last[i] += body.signed();
      list.value(last[i]);
    }
  }

  private void change(
      RecordList list,
      FoldedState state,
      Prediction prediction,
      RecordType type,
      TableShape table) {
    int ordinal = table.ordinal();
    long key = prediction.keys[ordinal] + body.signed();
    prediction.keys[ordinal] = key;
    Rows rows = state.rows(table);
    check(
        rows.contains(key) == (type != RecordType.INSERT),
        "a change of a row of " + table.label() + " that is not as it says");
    if (type == RecordType.INSERT) {
      list.begin(type, ordinal, 0).value(key);
      putDistances(list, prediction.rows[ordinal]);
    } else if (type == RecordType.DELETE) {
      int place = rows.find(key);
      list.begin(type, ordinal, 0).value(key);
      for (int column = 0; column < rows.width(); column++) {
        list.value(rows.cell(place, column));
      }
    } else {
      long columns = body.number();
      check(
          columns != 0 && columns >>> rows.width() == 0,
          "a change of columns that " + table.label() + " lacks");
      int place = rows.find(key);
      list.begin(type, ordinal, columns).value(key);
      for (long rest = columns; rest != 0; rest &= rest - 1) {
        long before = rows.cell(place, Long.numberOfTrailingZeros(rest));
        list.value(before).value(before + body.signed());
      }
    }
    list.end();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new BadRecordingException(otherwise);
    }
  }
}
