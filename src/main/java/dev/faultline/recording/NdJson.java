package dev.faultline.recording;

import dev.faultline.log.Column;
import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordList;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A recording as lines of JSON, and back: the header, the state that it begins with, then a line
 * for each record and command, and the hash of the last state. Numbers are the log's own, in
 * decimal; sentences stand beside them for people and are not read back.
 */
public final class NdJson {
  /** No line is longer: a file put into a laboratory, in hexadecimal. */
  private static final int MOST_LINE = 1 << 28;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private NdJson() {}

  /** Writes a whole recording. */
  public static void write(Recording recording, OutputStream out) throws IOException {
    Map<String, Object> first = line("recording");
    first.putAll(recording.header().describe());
    put(out, first);
    List<Recording.RecordedCommand> commands = new ArrayList<>();
    recording.commands(
        0,
        command -> {
          commands.add(command);
          return true;
        });
    int given = 0;
    Player player = recording.player(recording.firstMoment());
    for (int i = 0; i < recording.segments().size(); i++) {
      SegmentInfo segment = recording.segments().get(i);
      if (i == 0 || segment.first() != player.sequence() + 1) {
        player.seek(segment.first() - 1);
        writeState(out, player);
      }
      while (player.sequence() < segment.last()) {
        while (given < commands.size() && commands.get(given).sequence() <= player.sequence() + 1) {
          Map<String, Object> command = line("command");
          command.put("seq", commands.get(given).sequence());
          command.put("hex", HexFormat.of().formatHex(commands.get(given++).bytes()));
          put(out, command);
        }
        put(out, record(Objects.requireNonNull(player.next())));
      }
    }
    Map<String, Object> last = line("end");
    last.put("seq", player.sequence());
    last.put("hash", player.hash());
    put(out, last);
  }

  private static Map<String, Object> line(String type) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", type);
    return line;
  }

  private static void put(OutputStream out, Map<String, Object> line) throws IOException {
    out.write(JSON.writeValueAsBytes(line));
    out.write('\n');
  }

  private static void writeState(OutputStream out, Player player) throws IOException {
    FoldedState state = player.state();
    Map<String, Object> begins = line("state");
    begins.put("seq", state.sequence());
    put(out, begins);
    for (int number = 1; number < state.strings().count(); number++) {
      String text = state.strings().text(number);
      if (!text.isEmpty()) {
        Map<String, Object> string = line("text");
        string.put("number", number);
        string.put("text", text);
        put(out, string);
      }
    }
    for (TableShape table : state.schema().tables()) {
      Rows rows = state.rows(table);
      for (long key : rows.sortedKeys()) {
        Map<String, Object> row = line("row");
        row.put("table", table.label());
        row.put("key", number(key));
        Map<String, Object> values = new LinkedHashMap<>();
        for (Column column : table.columns()) {
          values.put(column.label(), number(rows.get(key, column.ordinal())));
        }
        row.put("values", values);
        put(out, row);
      }
    }
  }

  private static Map<String, Object> record(LogRecord record) {
    Map<String, Object> line = line(record.type().name().toLowerCase(Locale.ROOT));
    line.put("seq", record.sequence());
    Schema schema = record.schema();
    switch (record.type()) {
      case STRING -> {
        line.put("number", record.argument(0));
        line.put("text", record.strings().text((int) record.argument(0)));
      }
      case OPERATION, STEP -> {
        line.put(
            "kind",
            record.type() == RecordType.STEP
                ? schema.step(record.ordinal()).name()
                : schema.operation(record.ordinal()).name());
        line.put("numbers", numbers(record, 0));
        line.put("text", record.text());
      }
      case OUTCOME -> line.put("numbers", numbers(record, 0));
      case INSERT, DELETE -> {
        line.put("table", schema.tables().get(record.ordinal()).label());
        line.put("key", number(record.key()));
        line.put("values", numbers(record, 1));
      }
      case UPDATE -> {
        TableShape table = schema.tables().get(record.ordinal());
        line.put("table", table.label());
        line.put("key", number(record.key()));
        Map<String, Object> before = new LinkedHashMap<>();
        Map<String, Object> after = new LinkedHashMap<>();
        long columns = record.columns();
        for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
          String name = table.columns().get(Long.numberOfTrailingZeros(columns)).label();
          before.put(name, number(record.before(nth)));
          after.put(name, number(record.after(nth)));
        }
        line.put("before", before);
        line.put("after", after);
      }
    }
    return line;
  }

  private static List<Object> numbers(LogRecord record, int from) {
    List<Object> numbers = new ArrayList<>();
    for (int i = from; i < record.argumentCount(); i++) {
      numbers.add(number(record.argument(i)));
    }
    return numbers;
  }

  /** A JSON number where every reader keeps it exact, else a string. */
  private static Object number(long value) {
    return Math.abs(value) < 1L << 53 && value != Long.MIN_VALUE
        ? (Object) value
        : Long.toString(value);
  }

  /** Reads lines into a recording's own bytes. */
  public static void read(BufferedReader lines, RecordingWriter.Sink sink) throws IOException {
    new Import(lines, sink).run();
  }

  /** One import: every line is checked before it is believed. */
  private static final class Import {
    private final BufferedReader lines;
    private final RecordingWriter.Sink sink;
    private int lineNumber;

    Import(BufferedReader lines, RecordingWriter.Sink sink) {
      this.lines = lines;
      this.sink = sink;
    }

    void run() throws IOException {
      try {
        JsonNode first = need("recording");
        RecordingHeader header = RecordingHeader.read(JSON.writeValueAsString(first));
        var strings = new RecordedStrings();
        JsonNode begins = need("state");
        var state = new FoldedState(header.schema(), strings);
        state.setSequence(integer(begins, "seq"));
        records(header, state, strings);
      } catch (JacksonException | IllegalStateException | IllegalArgumentException exception) {
        throw new BadRecordingException(
            "line %d: %s".formatted(lineNumber, exception.getMessage()), exception);
      }
    }

    private void records(RecordingHeader header, FoldedState state, RecordedStrings strings)
        throws IOException {
      JsonNode line = need(null);
      for (; isState(line); line = need(null)) {
        putStateLine(state, strings, line);
      }
      RecordingWriter writer = RecordingWriter.begin(sink, header, state);
      while (!type(line).equals("end")) {
        switch (type(line)) {
          case "command" ->
              writer.command(
                  integer(line, "seq"), HexFormat.of().parseHex(line.path("hex").asString("")));
          case "state" -> {
            var later = new FoldedState(header.schema(), strings);
            later.setSequence(integer(line, "seq"));
            for (line = need(null); isState(line); line = need(null)) {
              putStateLine(later, strings, line);
            }
            writer.skipTo(later);
            continue;
          }
          default -> writer.record(record(line, writer.state(), strings));
        }
        line = need(null);
      }
      if (!writer.hash().equals(line.path("hash").asString(""))) {
        throw bad("the lines add up to the hash " + writer.hash() + ", not to the one given");
      }
      writer.finish();
    }

    private static boolean isState(JsonNode line) {
      return type(line).equals("row") || type(line).equals("text");
    }

    private void putStateLine(FoldedState state, RecordedStrings strings, JsonNode line) {
      if (type(line).equals("text")) {
        putText(strings, line);
        return;
      }
      TableShape table = table(state.schema(), line);
      Rows rows = state.rows(table);
      int row = rows.add(integer(line, "key"));
      for (Column column : table.columns()) {
        rows.set(row, column.ordinal(), value(line.path("values"), column));
      }
    }

    private void putText(RecordedStrings strings, JsonNode line) {
      long number = integer(line, "number");
      if (number < 0 || number > RecordedStrings.MOST) {
        throw bad("the number of a string cannot be " + number);
      }
      strings.put((int) number, line.path("text").asString(""));
    }

    private LogRecord record(JsonNode line, FoldedState state, RecordedStrings strings) {
      Schema schema = state.schema();
      if (integer(line, "seq") != state.sequence() + 1) {
        throw bad("record " + (state.sequence() + 1) + " is missing");
      }
      var list = new RecordList(schema, strings, state.sequence() + 1);
      RecordType type = recordType(line);
      switch (type) {
        case STRING -> {
          putText(strings, line);
          list.begin(type, 0, 0).value(integer(line, "number"));
        }
        case OPERATION -> {
          List<String> names = schema.operations().stream().map(Schema.Operation::name).toList();
          int ordinal = kind(line, names);
          list.begin(type, ordinal, 0);
          putNumbers(list, line, "numbers", schema.operation(ordinal).arguments().size());
        }
        case STEP -> {
          int ordinal = kind(line, schema.steps().stream().map(Schema.Step::name).toList());
          list.begin(type, ordinal, 0);
          putNumbers(list, line, "numbers", schema.step(ordinal).arguments().size());
        }
        case OUTCOME -> {
          list.begin(type, 0, 0);
          putNumbers(list, line, "numbers", Schema.OUTCOME_VALUES);
        }
        case INSERT, DELETE -> {
          TableShape table = table(schema, line);
          list.begin(type, table.ordinal(), 0).value(integer(line, "key"));
          putNumbers(list, line, "values", table.width());
        }
        case UPDATE -> putUpdate(list, state, line);
      }
      list.end();
      return list.view().moveTo(0);
    }

    private void putUpdate(RecordList list, FoldedState state, JsonNode line) {
      TableShape table = table(state.schema(), line);
      long key = integer(line, "key");
      int place = state.rows(table).find(key);
      long columns = 0;
      for (Column column : table.columns()) {
        if (line.path("after").has(column.label())) {
          columns |= 1L << column.ordinal();
        }
      }
      if (columns == 0) {
        throw bad("an update without a column of " + table.label());
      }
      list.begin(RecordType.UPDATE, table.ordinal(), columns).value(key);
      for (Column column : table.columns()) {
        if ((columns >>> column.ordinal() & 1) != 0) {
          list.value(state.rows(table).cell(place, column.ordinal()));
          list.value(value(line.path("after"), column));
        }
      }
    }

    private RecordType recordType(JsonNode line) {
      for (RecordType type : RecordType.values()) {
        if (type.name().toLowerCase(Locale.ROOT).equals(type(line))) {
          return type;
        }
      }
      throw bad("there are no lines of type " + type(line));
    }

    private int kind(JsonNode line, List<String> names) {
      int ordinal = names.indexOf(line.path("kind").asString(""));
      if (ordinal < 0) {
        throw bad("the schema has no " + line.path("kind"));
      }
      return ordinal;
    }

    private TableShape table(Schema schema, JsonNode line) {
      return schema
          .table(line.path("table").asString(""))
          .orElseThrow(() -> bad("the schema has no table " + line.path("table")));
    }

    private void putNumbers(RecordList list, JsonNode line, String member, int count) {
      JsonNode numbers = line.path(member);
      if (numbers.size() != count) {
        throw bad(member + " must be " + count + " numbers");
      }
      numbers.forEach(number -> list.value(integer(number, member)));
    }

    private long value(JsonNode values, Column column) {
      return integer(values.path(column.label()), column.label());
    }

    private long integer(JsonNode line, String member) {
      JsonNode number = line.isObject() ? line.path(member) : line;
      if (number.isIntegralNumber() && number.canConvertToLong()) {
        return number.longValue();
      }
      if (number.isString()) {
        return Long.parseLong(number.stringValue());
      }
      throw bad(member + " is no number");
    }

    private static String type(JsonNode line) {
      return line.path("type").asString("");
    }

    /** The next line, of this type unless it is null. */
    private JsonNode need(@org.jspecify.annotations.Nullable String type) throws IOException {
      lineNumber++;
      String text = readLine();
      JsonNode line = JSON.readTree(text);
      if (!line.isObject() || type != null && !type.equals(type(line))) {
        throw bad(
            type == null
                ? "no JSON object stands here"
                : "a line of type " + type + " is wanted here");
      }
      return line;
    }

    private String readLine() throws IOException {
      var line = new StringBuilder();
      for (int c = lines.read(); c != '\n'; c = lines.read()) {
        if (c < 0) {
          throw bad("the lines end without one of type end");
        }
        if (line.length() == MOST_LINE) {
          throw bad("the line is too long");
        }
        line.append((char) c);
      }
      return line.toString();
    }

    private BadRecordingException bad(String message) {
      return new BadRecordingException("line " + lineNumber + ": " + message);
    }
  }

  /** Reads UTF-8 lines. */
  public static BufferedReader lines(java.io.InputStream in) {
    return new BufferedReader(new java.io.InputStreamReader(in, StandardCharsets.UTF_8));
  }
}
