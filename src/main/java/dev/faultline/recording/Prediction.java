package dev.faultline.recording;

import dev.faultline.log.RecordType;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;

/**
 * What a segment's coder expects next, the same in writing and reading: the numbers of a step are
 * near those of the last step of its kind, a new row near the last new row of its table, a key near
 * the last key. Only differences are written, and most are small or 0.
 */
final class Prediction {
  private final long[][][] arguments = new long[RecordType.values().length][][];
  final long[] keys;
  final long[][] rows;

  Prediction(Schema schema) {
    keys = new long[schema.tables().size()];
    rows = new long[keys.length][];
    for (TableShape table : schema.tables()) {
      rows[table.ordinal()] = new long[table.width()];
    }
    arguments[RecordType.OPERATION.ordinal()] =
        schema.operations().stream()
            .map(operation -> new long[operation.arguments().size()])
            .toArray(long[][]::new);
    arguments[RecordType.STEP.ordinal()] =
        schema.steps().stream()
            .map(step -> new long[step.arguments().size()])
            .toArray(long[][]::new);
    arguments[RecordType.OUTCOME.ordinal()] = new long[][] {new long[Schema.OUTCOME_VALUES]};
  }

  /** The last numbers of this kind, to be overwritten with the next ones. */
  long[] arguments(RecordType type, int ordinal) {
    return arguments[type.ordinal()][ordinal];
  }

  int kinds(RecordType type) {
    return arguments[type.ordinal()].length;
  }
}
