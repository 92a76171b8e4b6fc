package dev.faultline.web;

import dev.faultline.log.Column;
import dev.faultline.log.Cursor;
import dev.faultline.log.Errno;
import dev.faultline.log.Format;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Signal;
import dev.faultline.log.Strings;
import dev.faultline.log.Table;
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
  private RecordJson() {}

  /** The record that a cursor stands on. Every record is shown, so that no number is missing. */
  static Map<String, Object> of(Cursor record) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seq", record.sequence());
    switch (record.type()) {
      case OPERATION -> {
        json.put("type", "operation");
        json.put("kind", record.operation().label());
        json.put("text", record.text());
        List<String> names = record.operation().arguments();
        json.put("arguments", arguments(record, names, record.operation()::formatOf));
      }
      case STEP -> {
        json.put("type", "step");
        json.put("actor", record.step().actor().name());
        json.put("kind", record.step().name());
        json.put("text", record.text());
        List<String> names = record.step().arguments();
        json.put("arguments", arguments(record, names, record.step()::formatOf));
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
      Cursor record, List<String> names, IntFunction<Format> formats) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      json.put(names.get(i), value(formats.apply(i), record.argument(i), record.strings()));
    }
    return json;
  }

  private static void outcome(Map<String, Object> json, Cursor record) {
    json.put("type", "outcome");
    json.put("result", Numbers.hex(record.argument(0)));
    if (record.argument(1) != 0) {
      json.put("errno", Errno.name(record.argument(1)));
    }
    Signal signal = Signal.at((int) record.argument(2));
    if (signal != Signal.NONE) {
      json.put("signal", signal.name());
      json.put("code", Signal.Code.at((int) record.argument(3)).name());
      json.put("address", Numbers.hex(record.argument(4)));
    }
  }

  private static void change(Map<String, Object> json, Cursor record) {
    Table table = record.table();
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
  static Set<String> columns(Table table) {
    Set<String> names = new LinkedHashSet<>();
    table.columns().forEach(column -> names.add(column.label()));
    if (table == Table.PTE) {
      names.add("ppn");
      names.add("slot");
      names.add("flags");
    }
    return names;
  }

  /** A row with its columns by name. */
  static Map<String, Object> row(Table table, Rows rows, long key, Strings strings) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (Column column : table.columns()) {
      putCell(json, table, column, rows.get(key, column.ordinal()), strings);
    }
    return json;
  }

  /**
   * A cell; an entry's value is followed by the number of the frame, or of the swap slot, and the
   * flags that it holds.
   */
  private static void putCell(
      Map<String, Object> json, Table table, Column column, long value, Strings strings) {
    json.put(column.label(), value(column.format(), value, strings));
    if (table == Table.PTE && column == Table.Pte.VALUE) {
      if (Entry.isSwapped(value)) {
        json.put("slot", Entry.slot(value));
      } else {
        json.put("ppn", Numbers.hex(Entry.ppn(value)));
      }
      json.put("flags", Format.ENTRY_FLAGS.text(value, strings));
    }
  }

  static Object key(Table table, long key) {
    return switch (table) {
      case PTE, FRAME, CACHED_PAGE, DESCRIPTOR -> Numbers.hex(key);
      case PROCESS, VMA, FILE, TLB, HART, SWAP_SLOT -> key;
    };
  }

  private static Object value(Format format, long value, Strings strings) {
    return switch (format.shape()) {
      case DECIMAL -> value;
      case BOOLEAN -> value != 0;
      case HEX, OCTAL, TEXT, SYMBOL, ENTRY_FLAGS, PROTECTION -> format.text(value, strings);
    };
  }
}
