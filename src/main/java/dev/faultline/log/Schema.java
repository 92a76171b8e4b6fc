package dev.faultline.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tables, steps, operations and formats described as plain values, so that a reader in another
 * language needs no list.
 */
public final class Schema {
  private static final List<String> FORMATS =
      List.of(
          "decimal",
          "hex",
          "text",
          "flags",
          "prot",
          "access",
          "privilege",
          "kind",
          "sharing",
          "bit",
          "strategy",
          "eviction",
          "errno",
          "signal",
          "cause");

  private Schema() {}

  public static Map<String, Object> describe() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("tables", tables());
    schema.put("steps", steps());
    schema.put("operations", operations());
    Map<String, Object> formats = new TreeMap<>();
    FORMATS.forEach(name -> formats.put(name, format(Format.named(name))));
    schema.put("formats", formats);
    schema.put("signals", names(Signal.values()));
    schema.put("signalCodes", names(Signal.Code.values()));
    return schema;
  }

  private static List<String> names(Enum<?>[] values) {
    return List.of(values).stream().map(Enum::name).toList();
  }

  private static List<Object> tables() {
    List<Object> tables = new ArrayList<>();
    for (Table table : Table.values()) {
      List<Object> columns = new ArrayList<>();
      for (Column column : table.columns()) {
        columns.add(Map.of("name", column.label(), "format", format(column.format())));
      }
      tables.add(Map.of("name", table.label(), "columns", columns));
    }
    return tables;
  }

  private static List<Object> steps() {
    List<Object> steps = new ArrayList<>();
    for (StepKind kind : StepKind.values()) {
      Map<String, @Nullable Object> step = new LinkedHashMap<>();
      step.put("name", kind.name());
      step.put("actor", kind.actor().name());
      step.put("template", kind.template());
      step.put("headline", kind.headline());
      step.put("arguments", kind.arguments());
      step.put("decides", kind.decides());
      steps.add(step);
    }
    return steps;
  }

  private static List<Object> operations() {
    List<Object> operations = new ArrayList<>();
    for (OperationKind kind : OperationKind.values()) {
      operations.add(
          Map.of("name", kind.name(), "template", kind.template(), "arguments", kind.arguments()));
    }
    return operations;
  }

  private static Map<String, Object> format(Format format) {
    return Map.of("shape", format.shape().name(), "symbols", format.symbols());
  }
}
