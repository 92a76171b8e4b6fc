package dev.faultline.web;

import dev.faultline.log.Column;
import dev.faultline.log.Format;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Schema;
import dev.faultline.log.Strings;
import dev.faultline.log.TableShape;
import dev.faultline.machine.mmu.Entry;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** Writes records and rows of the log as JSON, for scripts. */
final class RecordJson {
  /** The table whose values are page-table entries. */
  private static final String ENTRIES = "pte";

  /** Tables whose keys are addresses, frame numbers or two numbers in one. */
  private static final Set<String> HEX_KEYS = Set.of(ENTRIES, "frame", "cached_page", "descriptor");

  private RecordJson() {}

  /** Every record is shown, so that no number is missing. */
  static Map<String, Object> of(LogRecord record) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seq", record.sequence());
    switch (record.type()) {
      case OPERATION -> {
        Schema.Operation operation = record.schema().operation(record.ordinal());
        json.put("type", "operation");
        json.put("kind", operation.name().toLowerCase(Locale.ROOT));
        json.put("text", record.text());
        json.put(
            "arguments", arguments(record, operation.arguments(), operation.sentence()::formatOf));
      }
      case STEP -> {
        Schema.Step step = record.schema().step(record.ordinal());
        json.put("type", "step");
        json.put("actor", step.actor());
        json.put("kind", step.name());
        json.put("text", record.text());
        json.put("arguments", arguments(record, step.arguments(), step.sentence()::formatOf));
      }
      case OUTCOME -> outcome(json, record);
      case INSERT, UPDATE, DELETE -> change(json, record);
      case STRING -> {
        json.put("type", "string");
        json.put("number", record.argument(0));
        json.put("text", record.strings().text((int) record.argument(0)));
      }
    }
    return json;
  }

  private static Map<String, Object> arguments(
      LogRecord record, List<String> names, IntFunction<Format> formats) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      json.put(names.get(i), value(formats.apply(i), record.argument(i), record.strings()));
    }
    return json;
  }

  private static void outcome(Map<String, Object> json, LogRecord record) {
    Schema schema = record.schema();
    json.put("type", "outcome");
    json.put("result", Numbers.hex(record.argument(0)));
    if (record.argument(1) != 0) {
      json.put("errno", schema.show("errno", record.argument(1), record.strings()));
    }
    if (record.argument(2) != 0) {
      json.put("signal", schema.signal(record.argument(2), record.strings()));
      json.put("code", schema.signalCode(record.argument(3), record.strings()));
      json.put("address", Numbers.hex(record.argument(4)));
    }
  }

  private static void change(Map<String, Object> json, LogRecord record) {
    TableShape table = record.schema().tables().get(record.ordinal());
    Strings strings = record.strings();
    json.put("type", "change");
    json.put("op", record.type().name().toLowerCase(Locale.ROOT));
    json.put("table", table.label());
    json.put("key", key(table, record.key()));
    Map<String, Object> before = new LinkedHashMap<>();
    Map<String, Object> after = new LinkedHashMap<>();
    if (record.type() == RecordType.UPDATE) {
      long columns = record.columns();
      for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
        Column column = table.columns().get(Long.numberOfTrailingZeros(columns));
        putCell(before, table, column, record.before(nth), strings);
        putCell(after, table, column, record.after(nth), strings);
      }
    } else {
      for (Column column : table.columns()) {
        putCell(
            record.type() == RecordType.INSERT ? after : before,
            table,
            column,
            record.value(column.ordinal()),
            strings);
      }
    }
    if (record.type() != RecordType.INSERT) {
      json.put("before", before);
    }
    if (record.type() != RecordType.DELETE) {
      json.put("after", after);
    }
  }

  /** The names that a table's rows have. */
  static Set<String> columns(TableShape table) {
    Set<String> names = new LinkedHashSet<>();
    table.columns().forEach(column -> names.add(column.label()));
    if (table.label().equals(ENTRIES)) {
      names.add("ppn");
      names.add("slot");
      names.add("flags");
    }
    return names;
  }

  /** A row with its columns by name. */
  static Map<String, Object> row(TableShape table, Rows rows, long key, Strings strings) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (Column column : table.columns()) {
      putCell(json, table, column, rows.get(key, column.ordinal()), strings);
    }
    return json;
  }

  /**
   * A cell; an entry's value is followed by the number of the frame, or of the swap slot, if it has
   * one, and the flags that it holds.
   */
  private static void putCell(
      Map<String, Object> json, TableShape table, Column column, long value, Strings strings) {
    json.put(column.label(), value(column.format(), value, strings));
    if (table.label().equals(ENTRIES) && column.label().equals("value")) {
      if (Entry.isSwapped(value)) {
        json.put("slot", Entry.slot(value));
      } else if (value != Entry.GUARD) {
        json.put("ppn", Numbers.hex(Entry.ppn(value)));
      }
      json.put("flags", Format.ENTRY_FLAGS.text(value, strings));
    }
  }

  static Object key(TableShape table, long key) {
    return HEX_KEYS.contains(table.label()) ? Numbers.hex(key) : (Object) key;
  }

  private static Object value(Format format, long value, Strings strings) {
    return switch (format.shape()) {
      case DECIMAL -> value;
      case BOOLEAN -> value != 0;
      case HEX, OCTAL, TEXT, SYMBOL, ENTRY_FLAGS, PROTECTION -> format.text(value, strings);
    };
  }
}
