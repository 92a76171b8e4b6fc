package dev.faultline.web;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stream for scripts: {@code {"type": "changes", "last": n, "changes": [...]}} with records as
 * {@code /changes} has them, and {@code {"type": "snapshot", "at": n, "tables": {...}}} where a
 * viewer cannot go on from where it was.
 */
final class JsonEncoding implements Encoding {
  private static final int SPAN = 256;

  private final JsonMapper mapper;

  JsonEncoding(JsonMapper mapper) {
    this.mapper = mapper;
  }

  @Override
  public int span() {
    return SPAN;
  }

  @Override
  public Block records(long after, History.Records source, long tables) {
    List<Map<String, Object>> records = new ArrayList<>();
    long last = after;
    boolean goesOn = true;
    LogRecord record = source.next();
    while (record != null) {
      if (Subscription.isWanted(record, tables)) {
        records.add(RecordJson.of(record));
      }
      last = record.sequence();
      goesOn = goesOn(last, 0, 1);
      record = goesOn ? source.next() : null;
    }
    if (records.isEmpty()) {
      return new Block(last, null, !goesOn);
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "changes");
    message.put("last", last);
    message.put("changes", records);
    return new Block(last, bytes(message), !goesOn);
  }

  @Override
  public byte[] snapshot(FoldedState state, long tables, long skippedAfter) {
    return bytes(message(state, tables, skippedAfter));
  }

  /** The same as members, for events too. */
  static Map<String, Object> message(FoldedState state, long tables, long skippedAfter) {
    Map<String, Object> rowsOfTables = new LinkedHashMap<>();
    for (Table table : Table.values()) {
      if (!Subscription.isWanted(table.label(), tables)) {
        continue;
      }
      Rows rows = state.rows(table);
      List<Map<String, Object>> all = new ArrayList<>();
      for (long key : rows.sortedKeys()) {
        all.add(RecordJson.row(table, rows, key, state.strings()));
      }
      rowsOfTables.put(table.label(), all);
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "snapshot");
    message.put("skippedAfter", skippedAfter);
    message.put("at", state.sequence());
    message.put("tables", rowsOfTables);
    return message;
  }

  @Override
  public byte[] end(Farewell farewell) {
    return bytes(message(farewell));
  }

  /** The same as members, for events too. */
  static Map<String, Object> message(Farewell farewell) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "end");
    message.put("reason", farewell.reason());
    message.put("canResume", farewell.canResume());
    message.put("at", farewell.at());
    return message;
  }

  private byte[] bytes(Map<String, Object> message) {
    return mapper.writeValueAsBytes(message);
  }
}
