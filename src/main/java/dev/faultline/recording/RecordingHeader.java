package dev.faultline.recording;

import dev.faultline.log.Schema;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a recording says of itself before its first segment.
 *
 * @param engine the version of the engine that wrote it; another one can play it, not go on from it
 * @param created when, as ISO 8601; the one thing that differs between two runs of one laboratory
 * @param configuration what the laboratory was made with, for people
 * @param settings the same for the engine
 * @param parent the laboratory or recording that it branched from, and where; null for none
 * @param schema what the numbers of its changes mean
 * @param hasCommands false for a recording that has given up its commands to stay within its bounds
 */
public record RecordingHeader(
    String engine,
    String name,
    long seed,
    String created,
    Map<String, Object> configuration,
    byte[] settings,
    @Nullable Parent parent,
    Schema schema,
    boolean hasCommands) {
  /** The header of a recording that has all its commands. */
  public RecordingHeader(
      String engine,
      String name,
      long seed,
      String created,
      Map<String, Object> configuration,
      byte[] settings,
      @Nullable Parent parent,
      Schema schema) {
    this(engine, name, seed, created, configuration, settings, parent, schema, true);
  }

  /** The version of the format, which stands in the file's first bytes too. */
  public static final int FORMAT = 1;

  static final int MOST_BYTES = 1 << 20;

  /** Where a laboratory branched off. */
  public record Parent(String lab, long sequence) {}

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(16).build())
                  .build())
          .build();

  /** Every member in plain values, always in the same order. */
  public Map<String, Object> describe() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", FORMAT);
    json.put("engine", engine);
    json.put("name", name);
    json.put("seed", Long.toString(seed));
    json.put("created", created);
    json.put("configuration", configuration);
    json.put("settings", HexFormat.of().formatHex(settings));
    if (parent != null) {
      Map<String, Object> from = new LinkedHashMap<>();
      from.put("lab", parent.lab);
      from.put("seq", parent.sequence);
      json.put("parent", from);
    }
    if (!hasCommands) {
      json.put("commands", false);
    }
    json.put("schema", schema.describe());
    return json;
  }

  /** The same of a laboratory that another engine has made again. */
  public RecordingHeader madeBy(String other) {
    return new RecordingHeader(
        other, name, seed, created, configuration, settings, parent, Schema.CURRENT, true);
  }

  RecordingHeader withoutCommands() {
    return new RecordingHeader(
        engine, name, seed, created, configuration, settings, parent, schema, false);
  }

  byte[] payload() {
    byte[] json = JSON.writeValueAsBytes(describe());
    var payload = new dev.faultline.log.RecordEncoder();
    return payload.putNumber(json.length).putBytes(Deflated.deflate(json)).toByteArray();
  }

  static RecordingHeader read(byte[] payload) {
    var reader = new ByteReader(payload);
    int length = reader.count("the header's length", MOST_BYTES);
    byte[] json = Deflated.inflate(reader.bytes(reader.remaining()), length);
    return read(new String(json, StandardCharsets.UTF_8));
  }

  /** The header that a JSON object describes. */
  @SuppressWarnings("unchecked") // readValue takes only the class
  static RecordingHeader read(String json) {
    try {
      return read((Map<String, Object>) JSON.readValue(json, Map.class));
    } catch (JacksonException exception) {
      throw new BadRecordingException("the header is no JSON object", exception);
    }
  }

  private static RecordingHeader read(Map<String, Object> json) {
    if (!Objects.equals(json.get("format"), FORMAT)) {
      throw new BadRecordingException(
          "the format is " + json.get("format") + "; this Faultline reads format " + FORMAT);
    }
    try {
      return new RecordingHeader(
          text(json, "engine"),
          text(json, "name"),
          seed(text(json, "seed")),
          text(json, "created"),
          object(json, "configuration"),
          named("settings", () -> HexFormat.of().parseHex(text(json, "settings"))),
          json.containsKey("parent") ? parent(object(json, "parent")) : null,
          named("schema", () -> Schema.of(object(json, "schema"))),
          hasCommands(json));
    } catch (IllegalArgumentException exception) {
      throw new BadRecordingException("the header: " + exception.getMessage(), exception);
    }
  }

  /** What is wrong with a member is told with its name. */
  private static <T> T named(String member, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException exception) {
      throw new IllegalArgumentException(member + ": " + exception.getMessage(), exception);
    }
  }

  private static long seed(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException exception) {
      throw new IllegalArgumentException("seed is no decimal number of 64 bits", exception);
    }
  }

  private static Parent parent(Map<String, Object> json) {
    return named(
        "parent",
        () -> {
          if (json.get("seq") instanceof Number seq && seq.longValue() >= 0) {
            return new Parent(text(json, "lab"), seq.longValue());
          }
          throw new IllegalArgumentException("seq is no sequence number");
        });
  }

  private static boolean hasCommands(Map<String, Object> json) {
    if (json.getOrDefault("commands", true) instanceof Boolean has) {
      return has;
    }
    throw new IllegalArgumentException("commands is neither true nor false");
  }

  private static String text(Map<String, Object> json, String member) {
    if (json.get(member) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(member + " is no string");
  }

  @SuppressWarnings("unchecked") // what Jackson reads as an object has strings as keys
  private static Map<String, Object> object(Map<String, Object> json, String member) {
    if (json.get(member) instanceof Map<?, ?> object) {
      return (Map<String, Object>) object;
    }
    throw new IllegalArgumentException(member + " is no object");
  }
}
