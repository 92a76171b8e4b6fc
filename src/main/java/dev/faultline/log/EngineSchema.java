package dev.faultline.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Describes this engine's enums in plain values, always in the same order. */
final class EngineSchema {
  private static final List<String> FORMATS =
      List.of(
          "decimal",
          "hex",
          "octal",
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
          "cause",
          "interrupt",
          "advice");

  private EngineSchema() {}

  static Map<String, Object> describe() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("tables", tables());
    schema.put("steps", steps());
    schema.put("operations", operations());
    Map<String, Object> named = new TreeMap<>();
    FORMATS.forEach(name -> named.put(name, describe(Format.named(name))));
    schema.put("formats", named);
    schema.put("signals", describe(Signal.values()));
    schema.put("signalCodes", describe(Signal.Code.values()));
    return schema;
  }

  private static List<String> describe(Enum<?>[] values) {
    return List.of(values).stream().map(Enum::name).toList();
  }

  private static List<Object> tables() {
    List<Object> tables = new ArrayList<>();
    for (Table table : Table.values()) {
      List<Object> columns = new ArrayList<>();
      for (Column column : table.columns()) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("name", column.label());
        described.put("format", describe(column.format()));
        columns.add(described);
      }
      Map<String, Object> described = new LinkedHashMap<>();
      described.put("name", table.label());
      described.put("columns", columns);
      tables.add(described);
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
      Map<String, Object> operation = new LinkedHashMap<>();
      operation.put("name", kind.name());
      operation.put("template", kind.template());
      operation.put("arguments", kind.arguments());
      operations.add(operation);
    }
    return operations;
  }

  private static Map<String, Object> describe(Format format) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("shape", format.shape().name());
    described.put("symbols", format.symbols());
    return described;
  }
}
