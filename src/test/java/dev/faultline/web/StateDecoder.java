package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.Column;
import dev.faultline.log.RecordType;
import dev.faultline.log.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A second reader of the binary stream, written from the description in {@link
 * dev.faultline.log.RecordEncoder} alone, as a browser's is: folds snapshots and records into
 * tables.
 */
final class StateDecoder {
  private static final int SNAPSHOT = 1;
  private static final int RECORDS = 2;
  private static final int END = 3;
  private static final int SNAPSHOT_AFTER_GAP = 4;
  private static final int SELECTED = 5;

  private final Map<Table, TreeMap<Long, long[]>> tables = new EnumMap<>(Table.class);
  private final Map<Integer, String> strings = new HashMap<>();
  private final Map<Integer, Integer> stepArguments = new HashMap<>();
  private final Map<Integer, Integer> operationArguments = new HashMap<>();
  private ByteBuffer in = ByteBuffer.allocate(0);

  long sequence = -1;
  int snapshots;
  long skippedAfter = -1;
  @Nullable String end;
  boolean canResume;
  long at = -1;
  private int ordinalOfLast;
  private RecordType typeOfLast = RecordType.STRING;

  /** The tables of the changes that came one by one, and whether a story came with them. */
  final Set<String> selectedTables = new TreeSet<>();

  boolean hasStory;

  /**
   * @param schema what {@code /schema} says: how many arguments steps and operations have
   */
  StateDecoder(JsonNode schema) {
    count(schema.get("steps"), stepArguments);
    count(schema.get("operations"), operationArguments);
    clear();
  }

  private static void count(JsonNode kinds, Map<Integer, Integer> counts) {
    for (int i = 0; i < kinds.size(); i++) {
      counts.put(i, kinds.get(i).get("arguments").size());
    }
  }

  private void clear() {
    for (Table table : Table.values()) {
      tables.put(table, new TreeMap<>());
    }
  }

  void read(ByteBuffer message) {
    in = message;
    switch (in.get()) {
      case SNAPSHOT -> snapshot();
      case RECORDS -> records();
      case END -> {
        end = text();
        canResume = number() == 1;
        at = number();
      }
      case SNAPSHOT_AFTER_GAP -> {
        skippedAfter = number();
        snapshot();
      }
      case SELECTED -> selected();
      default -> throw new AssertionError("unknown kind of message");
    }
    assertThat(in.remaining()).as("bytes left in the message").isZero();
  }

  private TreeMap<Long, long[]> rowsOf(Table table) {
    return Objects.requireNonNull(tables.get(table));
  }

  private void snapshot() {
    snapshots++;
    clear();
    sequence = number();
    long count = number();
    for (int number = 0; number < count; number++) {
      strings.put(number, text());
    }
    for (Table table : Table.values()) {
      for (long rows = number(); rows > 0; rows--) {
        rowsOf(table).put(signed(), row(table));
      }
    }
  }

  private void records() {
    long first = number();
    if (sequence >= 0) {
      assertThat(first).as("first record of a batch").isEqualTo(sequence + 1);
    }
    sequence = first - 1;
    for (long count = number(); count > 0; count--) {
      record();
      sequence++;
    }
  }

  /** Each record has the distance from the one before, the first its number. */
  private void selected() {
    long last = number();
    long former = 0;
    for (long count = number(); count > 0; count--) {
      former += number();
      assertThat(former).isGreaterThan(sequence).isLessThanOrEqualTo(last);
      record();
      switch (typeOfLast) {
        case INSERT, UPDATE, DELETE -> selectedTables.add(Table.values()[ordinalOfLast].label());
        default -> hasStory = true;
      }
    }
    sequence = last;
  }

  private void record() {
    int header = (int) number();
    int ordinal = header >>> 3;
    ordinalOfLast = ordinal;
    typeOfLast = RecordType.values()[header & 7];
    switch (typeOfLast) {
      case STRING -> strings.put((int) number(), text());
      case OPERATION -> skip(operationArguments.getOrDefault(ordinal, 0));
      case STEP -> skip(stepArguments.getOrDefault(ordinal, 0));
      case OUTCOME -> skip(5);
      case INSERT -> {
        Table table = Table.values()[ordinal];
        long key = signed();
        assertThat(rowsOf(table).put(key, row(table))).as("row inserted twice").isNull();
      }
      case DELETE -> {
        Table table = Table.values()[ordinal];
        long[] gone = rowsOf(table).remove(signed());
        assertThat(row(table)).as("values of the deleted row").isEqualTo(gone);
      }
      case UPDATE -> update(Table.values()[ordinal]);
    }
  }

  private void update(Table table) {
    long[] row = Objects.requireNonNull(rowsOf(table).get(signed()));
    for (long columns = number(); columns != 0; columns &= columns - 1) {
      int column = Long.numberOfTrailingZeros(columns);
      assertThat(signed()).as("value before").isEqualTo(row[column]);
      row[column] = signed();
    }
  }

  private long[] row(Table table) {
    long[] row = new long[table.width()];
    for (int i = 0; i < row.length; i++) {
      row[i] = signed();
    }
    return row;
  }

  private void skip(int arguments) {
    for (int i = 0; i < arguments; i++) {
      signed();
    }
  }

  private long number() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private long signed() {
    long value = number();
    return value >>> 1 ^ -(value & 1);
  }

  private String text() {
    byte[] utf8 = new byte[(int) number()];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The rows as {@code /tables} shows numbers and texts, for comparison. */
  List<Map<String, String>> rows(Table table) {
    List<Map<String, String>> rows = new ArrayList<>();
    for (long[] row : rowsOf(table).values()) {
      Map<String, String> cells = new TreeMap<>();
      for (Column column : table.columns()) {
        cells.put(column.label(), cell(column, row[column.ordinal()]));
      }
      rows.add(cells);
    }
    return rows;
  }

  private String cell(Column column, long value) {
    return switch (column.format().shape()) {
      case DECIMAL -> Long.toString(value);
      case BOOLEAN -> Boolean.toString(value != 0);
      case HEX -> "0x" + Long.toHexString(value);
      case OCTAL -> "0" + Long.toOctalString(value);
      case TEXT -> strings.getOrDefault((int) value, "?");
      case SYMBOL -> column.format().symbols().get((int) value);
      case PROTECTION -> letters(value, "rwx");
      case ENTRY_FLAGS -> letters(value, "VRWXUGAD");
    };
  }

  private static String letters(long bits, String letters) {
    var text = new StringBuilder();
    for (int i = 0; i < letters.length(); i++) {
      text.append((bits >>> i & 1) == 1 ? letters.charAt(i) : '-');
    }
    return text.toString();
  }
}
