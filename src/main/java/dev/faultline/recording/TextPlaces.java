package dev.faultline.recording;

import dev.faultline.log.Format;
import dev.faultline.log.LogRecord;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;
import java.util.BitSet;
import java.util.List;

/** Where records and rows hold the numbers of strings. */
final class TextPlaces {
  private final List<BitSet> steps;
  private final List<BitSet> operations;
  private final List<BitSet> tables;

  TextPlaces(Schema schema) {
    steps =
        schema.steps().stream().map(step -> of(step.arguments().size(), step.sentence())).toList();
    operations =
        schema.operations().stream()
            .map(operation -> of(operation.arguments().size(), operation.sentence()))
            .toList();
    tables = schema.tables().stream().map(TextPlaces::of).toList();
  }

  private static BitSet of(int arguments, Schema.Sentence sentence) {
    var places = new BitSet();
    for (int i = 0; i < arguments; i++) {
      places.set(i, sentence.formatOf(i).shape() == Format.Shape.TEXT);
    }
    return places;
  }

  private static BitSet of(TableShape table) {
    var places = new BitSet();
    table
        .columns()
        .forEach(
            column -> places.set(column.ordinal(), column.format().shape() == Format.Shape.TEXT));
    return places;
  }

  BitSet columns(int table) {
    return tables.get(table);
  }

  /** Adds the strings that a record refers to. */
  void collect(LogRecord record, BitSet strings) {
    switch (record.type()) {
      case OPERATION -> arguments(record, operations.get(record.ordinal()), strings);
      case STEP -> arguments(record, steps.get(record.ordinal()), strings);
      case INSERT -> {
        BitSet places = columns(record.ordinal());
        for (int i = places.nextSetBit(0); i >= 0; i = places.nextSetBit(i + 1)) {
          add(record.value(i), strings);
        }
      }
      case UPDATE -> {
        BitSet places = columns(record.ordinal());
        long columns = record.columns();
        for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
          if (places.get(Long.numberOfTrailingZeros(columns))) {
            add(record.before(nth), strings);
            add(record.after(nth), strings);
          }
        }
      }
      case DELETE, STRING, OUTCOME -> {}
    }
  }

  private static void arguments(LogRecord record, BitSet places, BitSet strings) {
    for (int i = places.nextSetBit(0); i >= 0; i = places.nextSetBit(i + 1)) {
      add(record.argument(i), strings);
    }
  }

  /** A number that can be no string's, which only a damaged import has, names none. */
  static void add(long number, BitSet strings) {
    if (number > 0 && number <= RecordedStrings.MOST) {
      strings.set((int) number);
    }
  }
}
