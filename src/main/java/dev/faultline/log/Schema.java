package dev.faultline.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the numbers of a log mean: its tables, steps, operations and formats. A schema is made from
 * a description in plain values, the same that a browser or another language reads; that of this
 * engine is {@link #CURRENT}, a recording brings the one of the engine that wrote it.
 */
public final class Schema {
  /** A record's header has so many bits for a table, step or operation, and for columns. */
  private static final int MOST_KINDS = 1 << ChangeLog.ORDINAL_BITS;

  private static final int MOST_COLUMNS = Long.SIZE - ChangeLog.COLUMNS_SHIFT;
  private static final int MOST_ARGUMENTS = 16;

  /** The values of an {@link RecordType#OUTCOME outcome}. */
  public static final int OUTCOME_VALUES = 5;

  public static final Schema CURRENT = of(EngineSchema.describe());

  private record Shape(String label, int ordinal, List<Column> columns) implements TableShape {}

  private record ShapeColumn(String name, int ordinal, Format format) implements Column {}

  /** A kind of step: who acts, and the sentence that tells it. */
  public record Step(
      String name,
      String actor,
      List<String> arguments,
      Sentence sentence,
      @Nullable Sentence headline,
      boolean decides) {}

  /** A kind of operation, with the beginning of its sentence. */
  public record Operation(String name, List<String> arguments, Sentence sentence) {}

  /** A sentence with places for a record's numbers. */
  public static final class Sentence {
    private final Template template;

    private Sentence(Template template) {
      this.template = template;
    }

    public Format formatOf(int argument) {
      return template.formatOf(argument);
    }

    public String fill(LogRecord record) {
      return template.fill(record);
    }
  }

  private final Map<String, Object> description;
  private final List<TableShape> tables = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, Format> formats = new TreeMap<>();
  private final Format signals;
  private final Format signalCodes;

  private Schema(Map<String, Object> description) {
    this.description = description;
    if (!(description.get("formats") instanceof Map<?, ?> named)) {
      throw new IllegalArgumentException("the schema has no formats");
    }
    named.forEach((name, format) -> formats.put(String.valueOf(name), described(format)));
    list(description, "tables", MOST_KINDS).forEach(table -> tables.add(table(map(table))));
    list(description, "steps", MOST_KINDS).forEach(step -> steps.add(step(map(step))));
    list(description, "operations", MOST_KINDS)
        .forEach(operation -> operations.add(operation(map(operation))));
    signals = Format.symbolsOf(names(description, "signals"));
    signalCodes = Format.symbolsOf(names(description, "signalCodes"));
  }

  /**
   * The schema of a description.
   *
   * @throws IllegalArgumentException when it describes none
   */
  public static Schema of(Map<String, Object> description) {
    return new Schema(description);
  }

  /** Tables, steps, operations and formats as plain values, in the same order every time. */
  public Map<String, Object> describe() {
    return description;
  }

  public List<TableShape> tables() {
    return tables;
  }

  public Optional<TableShape> table(String label) {
    return tables.stream().filter(table -> table.label().equals(label)).findFirst();
  }

  public List<Step> steps() {
    return steps;
  }

  public Step step(int ordinal) {
    return steps.get(ordinal);
  }

  public List<Operation> operations() {
    return operations;
  }

  public Operation operation(int ordinal) {
    return operations.get(ordinal);
  }

  /** A value as the format of this name shows it, as it is where there is no such format. */
  public String show(String format, long value, Strings strings) {
    return formats.getOrDefault(format, Format.DECIMAL).text(value, strings);
  }

  /** The name of the signal with this place in the list; the first one is none. */
  public String signal(long ordinal, Strings strings) {
    return signals.text(ordinal, strings);
  }

  public String signalCode(long ordinal, Strings strings) {
    return signalCodes.text(ordinal, strings);
  }

  private TableShape table(Map<?, ?> table) {
    List<Column> columns = new ArrayList<>();
    for (Object column : list(table, "columns", MOST_COLUMNS)) {
      columns.add(
          new ShapeColumn(
              text(map(column), "name"), columns.size(), described(map(column).get("format"))));
    }
    return new Shape(text(table, "name"), tables.size(), List.copyOf(columns));
  }

  private Step step(Map<?, ?> step) {
    List<String> arguments = arguments(step);
    return new Step(
        text(step, "name"),
        text(step, "actor"),
        arguments,
        sentence(text(step, "template"), arguments),
        step.get("headline") == null ? null : sentence(text(step, "headline"), arguments),
        Boolean.TRUE.equals(step.get("decides")));
  }

  private Operation operation(Map<?, ?> operation) {
    List<String> arguments = arguments(operation);
    return new Operation(
        text(operation, "name"), arguments, sentence(text(operation, "template"), arguments));
  }

  private static Format described(@Nullable Object described) {
    Map<?, ?> format = map(described);
    Format.Shape shape = Format.Shape.valueOf(text(format, "shape"));
    return Format.of(shape, shape == Format.Shape.SYMBOL ? names(format, "symbols") : List.of());
  }

  private Sentence sentence(String source, List<String> arguments) {
    List<String> names = new ArrayList<>(arguments);
    var template = new Template(source, names, this::format);
    if (names.size() > arguments.size()) {
      throw new IllegalArgumentException("a sentence names a number that is not there: " + source);
    }
    return new Sentence(template);
  }

  private Format format(String name) {
    Format format = formats.get(name);
    if (format == null) {
      throw new IllegalArgumentException("the schema has no format " + name);
    }
    return format;
  }

  private static List<String> arguments(Map<?, ?> described) {
    List<String> arguments = names(described, "arguments");
    if (arguments.size() > MOST_ARGUMENTS) {
      throw new IllegalArgumentException("a step has at most " + MOST_ARGUMENTS + " numbers");
    }
    return arguments;
  }

  private static Map<?, ?> map(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException("a part of the schema is no object");
  }

  private static List<?> list(Map<?, ?> from, String member, int most) {
    if (from.get(member) instanceof List<?> list && list.size() <= most) {
      return list;
    }
    throw new IllegalArgumentException("the schema needs a list of at most " + most + " " + member);
  }

  private static List<String> names(Map<?, ?> from, String member) {
    List<String> names = new ArrayList<>();
    for (Object name : list(from, member, MOST_KINDS)) {
      if (!(name instanceof String text)) {
        throw new IllegalArgumentException("one of the " + member + " of the schema is no text");
      }
      names.add(text);
    }
    return List.copyOf(names);
  }

  private static String text(Map<?, ?> from, String member) {
    if (from.get(member) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("a part of the schema has no " + member);
  }
}
