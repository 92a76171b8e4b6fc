package dev.faultline.web;

import dev.faultline.log.Column;
import dev.faultline.log.Format;
import dev.faultline.log.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON schema of a table's rows, as {@link RecordJson} writes them. */
record TableSchema(Table table) {
  /** Its name in the document: {@code CachedPageRow}. */
  String name() {
    var name = new StringBuilder();
    for (String word : table.label().split("_")) {
      name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return name.append("Row").toString();
  }

  Map<String, Object> json() {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Column column : table.columns()) {
      properties.put(column.label(), cell(column.format()));
      required.add(column.label());
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", "object");
    json.put("required", required);
    json.put("additionalProperties", false);
    json.put("properties", properties);
    return json;
  }

  private static Map<String, Object> cell(Format format) {
    Map<String, Object> cell = new LinkedHashMap<>(shape(format));
    if (!format.unit().isEmpty()) {
      cell.put("x-unit", format.unit());
    }
    return cell;
  }

  private static Map<String, Object> shape(Format format) {
    return switch (format.shape()) {
      case DECIMAL -> decimal(format);
      case HEX -> Map.of("$ref", "#/components/schemas/Hex");
      case OCTAL -> string("^0[0-7]+$");
      case BOOLEAN -> Map.of("type", "boolean");
      case TEXT -> Map.of("type", "string");
      case SYMBOL -> Map.of("type", "string", "enum", words(format));
      case ENTRY_FLAGS -> string("^[V-][R-][W-][X-][U-][G-][A-][D-]$");
      case PROTECTION -> string("^[r-][w-][x-]$");
    };
  }

  private static Map<String, Object> decimal(Format format) {
    Map<String, Object> decimal = new LinkedHashMap<>();
    decimal.put("type", "integer");
    decimal.put("minimum", format.least());
    if (format.most() < Long.MAX_VALUE) {
      decimal.put("maximum", format.most());
    }
    return decimal;
  }

  /** Values that have no word of their own do not occur. */
  private static List<String> words(Format format) {
    return format.symbols().stream().filter(word -> !word.isEmpty()).toList();
  }

  private static Map<String, Object> string(String pattern) {
    return Map.of("type", "string", "pattern", pattern);
  }
}
