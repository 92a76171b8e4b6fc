package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tables folded from records in JSON, each of which has to follow the one before. */
final class FoldedJson {
  private final Map<String, TreeMap<Long, JsonNode>> tables = new TreeMap<>();
  long sequence;

  void read(JsonNode record) {
    assertThat(record.get("seq").asLong()).as("record that follows").isEqualTo(sequence + 1);
    sequence++;
    if (!record.get("type").asString().equals("change")) {
      return;
    }
    var rows = rowsOf(record.get("table").asString());
    long key = number(record.get("key"));
    JsonNode former = rows.remove(key);
    String op = record.get("op").asString();
    assertThat(former == null).as("a row to be changed, %s", record).isEqualTo(op.equals("insert"));
    if (!op.equals("delete")) {
      ObjectNode row = former == null ? Api.JSON.createObjectNode() : (ObjectNode) former;
      // an entry that comes back from swap has another column than before
      record.path("before").propertyNames().forEach(row::remove);
      row.setAll((ObjectNode) record.get("after"));
      rows.put(key, row);
    }
  }

  List<JsonNode> rows(String table) {
    return new ArrayList<>(rowsOf(table).values());
  }

  private TreeMap<Long, JsonNode> rowsOf(String table) {
    return tables.computeIfAbsent(table, name -> new TreeMap<>(Long::compareUnsigned));
  }

  private static long number(JsonNode value) {
    return value.isString()
        ? Long.parseUnsignedLong(value.asString().substring(2), 16)
        : value.asLong();
  }
}
