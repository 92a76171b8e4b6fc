package dev.faultline.lesson;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A value in a scenario's file, which knows its file, its line and the name it goes by. */
final class Entry {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String file;
  private final String name;
  private final Node node;

  Entry(String file, String name, Node node) {
    this.file = file;
    this.name = name;
    this.node = node;
  }

  BadScenarioException bad(String message) {
    String what = name.isEmpty() ? message : name + " " + message;
    return new BadScenarioException(file, node.getStartMark().getLine() + 1, what);
  }

  /** What {@code reader} makes of this; what it finds wrong is said of this place. */
  <T> T read(Function<JsonNode, T> reader) {
    try {
      return reader.apply(json());
    } catch (IllegalArgumentException exception) {
      throw bad("cannot be read: " + exception.getMessage());
    }
  }

  /** The members of a mapping, all of which must be {@code known}. */
  Map<String, Entry> members(String... known) {
    Map<String, Entry> members = members();
    for (Map.Entry<String, Entry> member : members.entrySet()) {
      if (!List.of(known).contains(member.getKey())) {
        throw member.getValue().bad("is not known; known are " + String.join(", ", known));
      }
    }
    return members;
  }

  Map<String, Entry> members() {
    if (!(node instanceof MappingNode mapping)) {
      throw bad("must have members");
    }
    Map<String, Entry> members = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = new Entry(file, name, tuple.getKeyNode()).text();
      String full = name.isEmpty() ? key : name + "." + key;
      var entry = new Entry(file, full, tuple.getValueNode());
      if (members.put(key, entry) != null) {
        throw entry.bad("is given twice");
      }
    }
    return members;
  }

  Entry need(Map<String, Entry> members, String member) {
    return Optional.ofNullable(members.get(member))
        .orElseThrow(() -> bad((name.isEmpty() ? "" : "has no ") + member + missing()));
  }

  private String missing() {
    return name.isEmpty() ? " is missing" : "";
  }

  List<Entry> list() {
    if (!(node instanceof SequenceNode sequence)) {
      throw bad("must be a list");
    }
    List<Entry> list = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      list.add(new Entry(file, "%s[%d]".formatted(name, list.size()), element));
    }
    return list;
  }

  String text() {
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue().strip();
    }
    throw bad("must be a text");
  }

  long number() {
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)) {
      return number(scalar).longValue();
    }
    throw bad("must be a whole number");
  }

  private BigInteger number(ScalarNode scalar) {
    String digits = scalar.getValue().replace("_", "").toLowerCase(Locale.ROOT);
    try {
      return digits.startsWith("0x")
          ? new BigInteger(digits.substring(2), 16)
          : new BigInteger(digits);
    } catch (NumberFormatException exception) {
      throw bad("is no number that is decimal or begins with 0x");
    }
  }

  <E extends Enum<E>> E word(Class<E> type) {
    String word = text();
    return Stream.of(type.getEnumConstants())
        .filter(constant -> constant.name().equals(word))
        .findFirst()
        .orElseThrow(() -> bad("is no " + type.getSimpleName() + ": " + word));
  }

  static <T> @Nullable T orNull(@Nullable Entry entry, Function<Entry, T> reader) {
    return entry == null ? null : reader.apply(entry);
  }

  JsonNode json() {
    return switch (node) {
      case MappingNode mapping -> {
        ObjectNode object = JSON.objectNode();
        members().forEach((member, value) -> object.set(member, value.json()));
        yield object;
      }
      case SequenceNode sequence -> {
        ArrayNode array = JSON.arrayNode();
        list().forEach(element -> array.add(element.json()));
        yield array;
      }
      case ScalarNode scalar -> scalar(scalar);
      default -> throw bad("is written as no value can be");
    };
  }

  /** What is written in hex stays so: people read addresses in it. */
  private JsonNode scalar(ScalarNode scalar) {
    if (scalar.getTag().equals(Tag.INT)) {
      BigInteger number = number(scalar);
      return scalar.getValue().startsWith("0x")
          ? JSON.stringNode("0x" + number.toString(16))
          : JSON.numberNode(number);
    }
    if (scalar.getTag().equals(Tag.BOOL)) {
      return JSON.booleanNode(Boolean.parseBoolean(scalar.getValue()));
    }
    return JSON.stringNode(scalar.getValue());
  }
}
