package dev.faultline.web;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests made from an OpenAPI document by chance: values that a schema allows, those at its
 * borders and just beyond them, members left out or unknown, and values of another type. Where a
 * name is one of {@code known}, what it gives is mostly taken instead, since no schema says which
 * process lives or where memory is mapped.
 */
final class DescribedCalls {
  /** A call of the document. */
  record Call(String method, String path, JsonNode description) {
    @Override
    public String toString() {
      return method + " " + path;
    }

    /** Whether something can be wrong about a request of it. */
    boolean takesAnything() {
      return description.has("parameters") || description.has("requestBody");
    }
  }

  /** A request; headers are names and values in turn. */
  record Request(Call call, String path, byte[] body, List<String> headers) {
    @Override
    public String toString() {
      int shown = Math.min(body.length, 500);
      String text = new String(body, 0, shown, StandardCharsets.UTF_8);
      return call.method() + " " + path + " " + headers + " " + text;
    }
  }

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int DEEPEST = 6;

  private final JsonNode document;
  private final Random random;
  private final Map<String, Supplier<String>> known;
  private final Map<String, Supplier<byte[]>> bodies;
  private final List<Call> calls = new ArrayList<>();

  /**
   * @param known values by the names of parameters and members, numbers and words as they stand
   * @param bodies of calls that take bytes, by call
   */
  DescribedCalls(
      JsonNode document,
      Random random,
      Map<String, Supplier<String>> known,
      Map<String, Supplier<byte[]>> bodies) {
    this.document = document;
    this.random = random;
    this.known = known;
    this.bodies = bodies;
    document
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(method ->
                    calls.add(
                        new Call(
                            method.getKey().toUpperCase(Locale.ROOT),
                            path.getKey(),
                            method.getValue()))));
  }

  List<Call> calls() {
    return calls;
  }

  Request request(Call call) {
    String path = call.path().substring("/api/v1".length());
    var query = new StringBuilder();
    List<String> headers = new ArrayList<>();
    for (JsonNode parameter : call.description().path("parameters")) {
      String name = parameter.get("name").asString();
      boolean isRequired = parameter.path("required").asBoolean(false);
      boolean isGiven = isRequired ? !chance(60) : chance(4);
      String value = isGiven ? text(value(name, parameter.get("schema"), 0)) : "";
      switch (parameter.get("in").asString()) {
        case "path" -> {
          String inPath = name.equals("path") ? filePath(value) : coded(value);
          path = path.replace("{" + name + "}", isGiven ? inPath : "x");
        }
        case "query" -> {
          if (isGiven) {
            query.append(query.isEmpty() ? '?' : '&').append(name).append('=').append(coded(value));
          }
        }
        default -> {
          String shown = value.replaceAll("[^ -~]", "");
          if (isGiven && !shown.isBlank()) {
            headers.addAll(List.of(name, shown));
          }
        }
      }
    }
    return new Request(call, path + query, body(call), headers);
  }

  private byte[] body(Call call) {
    JsonNode content = call.description().path("requestBody").path("content");
    if (content.isMissingNode() || chance(60)) {
      return new byte[0];
    }
    Supplier<byte[]> bytes = bodies.get(call.toString());
    if (!content.has("application/json")) {
      return bytes != null && !chance(3) ? bytes.get() : bytes(random.nextInt(3_000));
    }
    JsonNode schema = content.get("application/json").get("schema");
    byte[] body = value("", schema, 0).toString().getBytes(StandardCharsets.UTF_8);
    if (chance(100)) {
      body[random.nextInt(body.length)] = (byte) random.nextInt();
    }
    return body;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private JsonNode value(String name, JsonNode schema, int depth) {
    if (chance(40)) {
      return nonsense();
    }
    Supplier<String> supplier = known.get(name);
    if (supplier != null && !chance(10)) {
      String value = supplier.get();
      return value.matches("-?[0-9]{1,9}")
          ? JSON.numberNode(Integer.parseInt(value))
          : JSON.stringNode(value);
    }
    if (schema.has("$ref")) {
      String pointer = schema.get("$ref").asString().substring(1);
      return value(name, document.at(pointer), depth);
    }
    if (schema.has("oneOf")) {
      JsonNode choices = schema.get("oneOf");
      return value(name, choices.get(random.nextInt(choices.size())), depth);
    }
    if (schema.has("enum")) {
      JsonNode choices = schema.get("enum");
      return choices.get(random.nextInt(choices.size()));
    }
    return switch (schema.path("type").asString("object")) {
      case "integer" -> JSON.numberNode(integer(schema));
      case "boolean" -> JSON.booleanNode(random.nextBoolean());
      case "array" -> array(name, schema, depth);
      case "string" -> JSON.stringNode(string(schema));
      default -> depth > DEEPEST ? JSON.objectNode() : object(schema, depth);
    };
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = JSON.objectNode();
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(member -> required.add(member.asString()));
    schema
        .path("properties")
        .properties()
        .forEach(entry -> {
          if (required.contains(entry.getKey()) ? !chance(60) : chance(3)) {
            object.set(entry.getKey(), value(entry.getKey(), entry.getValue(), depth + 1));
          }
        });
    if (chance(60)) {
      object.set("unknown", nonsense());
    }
    return object;
  }

  private ArrayNode array(String name, JsonNode schema, int depth) {
    ArrayNode array = JSON.arrayNode();
    for (int left = random.nextInt(4); left > 0; left--) {
      array.add(value(name, schema.get("items"), depth + 1));
    }
    return array;
  }

  /** Within the bounds, at them, and just beyond. */
  private long integer(JsonNode schema) {
    long least = schema.path("minimum").asLong(0);
    long most = schema.path("maximum").asLong(10_000);
    return switch (random.nextInt(8)) {
      case 0 -> least;
      case 1 -> most;
      case 2 -> least - 1;
      case 3 -> most + 1;
      default -> random.nextLong(least, Math.max(least + 1, Math.min(most, least + 64)));
    };
  }

  private String string(JsonNode schema) {
    if (schema.path("pattern").asString("").contains("0[xX]")) {
      long number = random.nextLong() >>> random.nextInt(64);
      return random.nextBoolean() ? Long.toString(number) : "0x" + Long.toHexString(number);
    }
    int longest = schema.path("maxLength").asInt(20);
    return switch (random.nextInt(5)) {
      case 0 -> "x".repeat(longest);
      case 1 -> "x".repeat(longest + 1);
      case 2 -> "";
      default -> words().get(random.nextInt(words().size()));
    };
  }

  private static List<String> words() {
    return List.of(
        "f", "/f", "a b", "ä", "../../x", "%", "<x>", "a\\b", "\ud83d\udc27", "a\nb", ";");
  }

  private JsonNode nonsense() {
    return switch (random.nextInt(9)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.arrayNode().add(1);
      case 3 -> JSON.objectNode().put("x", 1);
      case 4 -> JSON.numberNode(1.5);
      case 5 -> JSON.numberNode(random.nextLong());
      case 6 -> JSON.numberNode(new java.math.BigInteger(80, random));
      default -> JSON.stringNode(words().get(random.nextInt(words().size())));
    };
  }

  private boolean chance(int oneOf) {
    return random.nextInt(oneOf) == 0;
  }

  private static String text(JsonNode value) {
    return value.isContainer() ? value.toString() : value.asString();
  }

  /** Slashes stand as they are; the first is that of the address. */
  private static String filePath(String path) {
    return coded(path.replaceFirst("^/", "")).replace("%2F", "/");
  }

  private static String coded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
