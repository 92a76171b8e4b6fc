package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.Rows;
import dev.faultline.log.TableShape;

/**
 * The hash of a state: the sum of its rows' hashes, so that the order of rows does not matter and a
 * change costs what a row costs. Two lanes of 32 bits, each a multiplication a step, because that
 * is what a browser can do as fast ({@code Math.imul}); JavaScript's 64-bit numbers are not.
 */
final class StateHash {
  private static final int A = 0x9E3779B1;
  private static final int B = 0x85EBCA77;
  private static final int C = 0xC2B2AE3D;
  private static final int D = 0x27D4EB2F;

  private int high;
  private int low;

  /** The hash of a whole state. */
  static long of(FoldedState state) {
    var hash = new StateHash();
    for (TableShape table : state.schema().tables()) {
      Rows rows = state.rows(table);
      for (long key : rows.sortedKeys()) {
        hash.row(table.ordinal(), rows, key, 1);
      }
    }
    return hash.value();
  }

  static String text(long hash) {
    return "%016x".formatted(hash);
  }

  long value() {
    return (long) high << 32 | low & 0xffff_ffffL;
  }

  void set(long value) {
    high = (int) (value >>> 32);
    low = (int) value;
  }

  /** Folds {@code record} into {@code state} and into its hash. */
  void apply(FoldedState state, LogRecord record) {
    switch (record.type()) {
      case INSERT -> {
        state.apply(record);
        row(record.ordinal(), rows(state, record), record.key(), 1);
      }
      case UPDATE -> {
        row(record.ordinal(), rows(state, record), record.key(), -1);
        state.apply(record);
        row(record.ordinal(), rows(state, record), record.key(), 1);
      }
      case DELETE -> {
        row(record.ordinal(), rows(state, record), record.key(), -1);
        state.apply(record);
      }
      case STRING, OPERATION, STEP, OUTCOME -> state.apply(record);
    }
  }

  private static Rows rows(FoldedState state, LogRecord record) {
    return state.rows(state.schema().tables().get(record.ordinal()));
  }

  /** Adds a row's hash, or with {@code sign} -1 takes it away. */
  private void row(int table, Rows rows, long key, int sign) {
    int a = A + table;
    int b = B - table;
    int place = rows.find(key);
    for (int column = -1; column < rows.width(); column++) {
      long value = column < 0 ? key : rows.cell(place, column);
      int upper = (int) (value >> 32);
      int lower = (int) value;
      a = Integer.rotateLeft((a ^ lower) * C, 13) + upper * D;
      b = Integer.rotateLeft((b ^ upper) * D, 17) + lower * C;
    }
    high += sign * mixed(a ^ b >>> 3);
    low += sign * mixed(b + a);
  }

  /** Spreads every bit over all others (the finalizer of MurmurHash3). */
  private static int mixed(int bits) {
    int x = bits;
    x = (x ^ x >>> 16) * 0x85EBCA6B;
    x = (x ^ x >>> 13) * C;
    return x ^ x >>> 16;
  }
}
