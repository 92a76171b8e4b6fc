package dev.faultline.recording;

import dev.faultline.log.RecordType;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;

/**
 * Looks through a recording for the change that last set a cell, from the end backwards. Which rows
 * and columns a segment's records touch can be read without the state that they are applied to.
 */
final class ChangeSearch {
  private static final RecordType[] TYPES = RecordType.values();

  private final Recording recording;
  private final Schema schema;
  private final int table;
  private final long key;
  private final int column;

  ChangeSearch(Recording recording, TableShape table, long key, int column) {
    this.recording = recording;
    this.schema = recording.header().schema();
    this.table = table.ordinal();
    this.key = key;
    this.column = column;
  }

  /** The last change up to a moment, 0 when the recording has none. */
  long last(long moment) {
    for (int i = recording.segmentAt(moment); i >= 0; i--) {
      long found = lastIn(recording.segment(i), moment);
      if (found > 0) {
        return found;
      }
    }
    return 0;
  }

  private long lastIn(Segment segment, long moment) {
    var decoder = new SegmentDecoder(schema, new RecordedStrings(), segment);
    ByteReader body = decoder.recordBytes();
    long[] keys = new long[schema.tables().size()];
    long found = 0;
    long last = Math.min(moment, segment.first() + segment.count() - 1);
    for (long sequence = segment.first(); sequence <= last; sequence++) {
      long head = body.number();
      int ordinal = (int) (head >>> 3);
      RecordType type = TYPES[(int) Math.min(head & 7, TYPES.length - 1)];
      switch (type) {
        case STRING -> {
          body.number();
          body.text();
        }
        case OPERATION -> skip(body, schema.operation(ordinal).arguments().size());
        case STEP -> skip(body, schema.step(ordinal).arguments().size());
        case OUTCOME -> skip(body, Schema.OUTCOME_VALUES);
        case INSERT, UPDATE, DELETE -> {
          keys[ordinal] += body.signed();
          long columns = -1;
          if (type == RecordType.INSERT) {
            skip(body, schema.tables().get(ordinal).width());
          } else if (type == RecordType.UPDATE) {
            columns = body.number();
            skip(body, Long.bitCount(columns));
          }
          if (ordinal == table && keys[ordinal] == key && (columns >>> column & 1) != 0) {
            found = sequence;
          }
        }
      }
    }
    return found;
  }

  private static void skip(ByteReader body, int numbers) {
    for (int i = 0; i < numbers; i++) {
      body.number();
    }
  }
}
