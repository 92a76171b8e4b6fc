package dev.faultline.web;

import dev.faultline.lab.Laboratory;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Rows;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.log.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketMessage;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stream for scripts: {@code {"type": "changes", "last": n, "changes": [...]}} with records as
 * {@code /changes} has them, and {@code {"type": "snapshot", "at": n, "tables": {...}}} where a
 * viewer cannot go on from where it was.
 */
final class JsonBatches implements StreamHandler.Batches {
  private static final int BATCH_RECORDS = 256;

  private final Laboratory laboratory;
  private final JsonMapper mapper;
  private Cursor cursor;

  /**
   * @param from the moment to begin after, -1 for now
   */
  JsonBatches(Laboratory laboratory, long from, JsonMapper mapper) {
    this.laboratory = laboratory;
    this.mapper = mapper;
    cursor = laboratory.log().cursor(from < 0 ? laboratory.log().head() : from);
  }

  @Override
  public @Nullable WebSocketMessage<?> next() {
    try {
      return records();
    } catch (SequenceGoneException exception) {
      return snapshot();
    }
  }

  private @Nullable TextMessage records() {
    List<Map<String, Object>> records = new ArrayList<>();
    while (records.size() < BATCH_RECORDS && cursor.next()) {
      records.add(RecordJson.of(cursor));
    }
    if (records.isEmpty()) {
      return null;
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "changes");
    message.put("last", cursor.sequence());
    message.put("changes", records);
    return text(message);
  }

  private TextMessage snapshot() {
    FoldedState state = laboratory.stateAt(laboratory.log().head());
    Map<String, Object> message = snapshot(state, cursor.sequence());
    cursor = laboratory.log().cursor(state.sequence());
    return text(message);
  }

  /**
   * The whole state, for a viewer that had come to {@code skippedAfter} and fell behind the log.
   */
  static Map<String, Object> snapshot(FoldedState state, long skippedAfter) {
    Map<String, Object> tables = new LinkedHashMap<>();
    for (Table table : Table.values()) {
      Rows rows = state.rows(table);
      List<Map<String, Object>> all = new ArrayList<>();
      for (long key : rows.sortedKeys()) {
        all.add(RecordJson.row(table, rows, key, state.strings()));
      }
      tables.put(table.label(), all);
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "snapshot");
    message.put("skippedAfter", skippedAfter);
    message.put("at", state.sequence());
    message.put("tables", tables);
    return message;
  }

  private TextMessage text(Map<String, Object> message) {
    return new TextMessage(mapper.writeValueAsString(message));
  }

  @Override
  public long sequence() {
    return cursor.sequence();
  }

  @Override
  public WebSocketMessage<?> end(String reason) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "end");
    message.put("reason", reason);
    return text(message);
  }
}
