package dev.faultline.web;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Holds values against JSON schemas: those keywords of draft 7 and of 2020-12 that our documents
 * and the published schema of AsyncAPI use. A keyword that says nothing about values ({@code
 * description}, {@code format}, {@code x-}...) is passed over.
 */
final class JsonSchema {
  private final JsonNode document;
  private final Map<String, JsonNode> byId = new HashMap<>();

  /**
   * @param document where references begin that lead into it
   */
  JsonSchema(JsonNode document) {
    this.document = document;
    document.findParents("$id").forEach(schema -> byId.put(id(schema), schema));
  }

  private static String id(JsonNode schema) {
    return schema.path("$id").asString("").replaceFirst("#$", "");
  }

  /** What is wrong with a value by a schema of {@code components}; empty when nothing is. */
  List<String> problems(JsonNode value, String name) {
    JsonNode schema = document.at("/components/schemas/" + name);
    return schema.isObject() ? problems(value, schema) : List.of("there is no schema " + name);
  }

  List<String> problems(JsonNode value, JsonNode schema) {
    List<String> problems = new ArrayList<>();
    check(value, schema, "", problems);
    return problems;
  }

  private boolean holds(JsonNode value, JsonNode schema) {
    return problems(value, schema).isEmpty();
  }

  private JsonNode target(String reference) {
    int hash = reference.indexOf('#');
    String id = hash < 0 ? reference : reference.substring(0, hash);
    JsonNode root = id.isEmpty() ? document : byId.get(id);
    JsonNode target = root == null || hash < 0 ? root : root.at(reference.substring(hash + 1));
    if (target == null || target.isMissingNode()) {
      throw new AssertionError("the reference leads nowhere: " + reference);
    }
    return target;
  }

  private void check(JsonNode value, JsonNode schema, String at, List<String> problems) {
    if (schema.isBoolean()) {
      if (!schema.booleanValue()) {
        problems.add(at + " may not be there");
      }
      return;
    }
    if (schema.has("$ref")) {
      check(value, target(schema.get("$ref").asString()), at, problems);
    }
    checkValue(value, schema, at, problems);
    checkChoices(value, schema, at, problems);
    if (value.isObject()) {
      checkObject(value, schema, at, problems);
    } else if (value.isArray()) {
      checkArray(value, schema, at, problems);
    }
  }

  private static void checkValue(
      JsonNode value, JsonNode schema, String at, List<String> problems) {
    JsonNode type = schema.path("type");
    if (type.isString() && !isA(value, type.asString())
        || type.isArray() && type.valueStream().noneMatch(t -> isA(value, t.asString()))) {
      problems.add(at + " is " + value + " and not of type " + type);
    }
    if (schema.has("enum") && schema.get("enum").valueStream().noneMatch(value::equals)) {
      problems.add(at + " is " + value + ", none of " + schema.get("enum"));
    }
    if (schema.has("const") && !schema.get("const").equals(value)) {
      problems.add(at + " is " + value + " and not " + schema.get("const"));
    }
    if (value.isNumber()) {
      boolean isLow = schema.has("minimum") && value.asDouble() < schema.get("minimum").asDouble();
      boolean isHigh = schema.has("maximum") && value.asDouble() > schema.get("maximum").asDouble();
      if (isLow || isHigh) {
        problems.add(at + " is " + value + ", out of range");
      }
    }
    if (value.isString()) {
      String text = value.asString();
      if (schema.has("pattern")
          && !Pattern.compile(schema.get("pattern").asString()).matcher(text).find()) {
        problems.add(at + " is " + value + " and not like " + schema.get("pattern"));
      }
      checkSize(text.length(), schema, "Length", at, problems);
    }
  }

  private static void checkSize(
      int size, JsonNode schema, String what, String at, List<String> problems) {
    if (size < schema.path("min" + what).asInt(0)
        || size > schema.path("max" + what).asInt(Integer.MAX_VALUE)) {
      problems.add(at + " has a size of " + size);
    }
  }

  private void checkChoices(JsonNode value, JsonNode schema, String at, List<String> problems) {
    schema.path("allOf").forEach(all -> check(value, all, at, problems));
    if (schema.has("anyOf") && schema.get("anyOf").valueStream().noneMatch(s -> holds(value, s))) {
      problems.add(at + " is " + value + ", which is none of anyOf");
    }
    if (schema.has("oneOf")) {
      long fitting = schema.get("oneOf").valueStream().filter(s -> holds(value, s)).count();
      if (fitting != 1) {
        problems.add(at + " is " + value + ", which fits " + fitting + " of oneOf");
      }
    }
    if (schema.has("not") && holds(value, schema.get("not"))) {
      problems.add(at + " is what it may not be");
    }
    if (schema.has("if")) {
      JsonNode then = schema.path(holds(value, schema.get("if")) ? "then" : "else");
      if (!then.isMissingNode()) {
        check(value, then, at, problems);
      }
    }
  }

  private void checkObject(JsonNode value, JsonNode schema, String at, List<String> problems) {
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asString())) {
        problems.add(at + " lacks " + required);
      }
    }
    checkSize(value.size(), schema, "Properties", at, problems);
    for (var member : value.properties()) {
      String below = at + "/" + member.getKey();
      boolean isKnown = schema.path("properties").has(member.getKey());
      if (isKnown) {
        check(member.getValue(), schema.get("properties").get(member.getKey()), below, problems);
      }
      for (var pattern : schema.path("patternProperties").properties()) {
        if (Pattern.compile(pattern.getKey()).matcher(member.getKey()).find()) {
          isKnown = true;
          check(member.getValue(), pattern.getValue(), below, problems);
        }
      }
      if (!isKnown && schema.has("additionalProperties")) {
        check(member.getValue(), schema.get("additionalProperties"), below, problems);
      }
    }
  }

  private void checkArray(JsonNode value, JsonNode schema, String at, List<String> problems) {
    checkSize(value.size(), schema, "Items", at, problems);
    Set<JsonNode> different = new HashSet<>();
    for (int i = 0; i < value.size(); i++) {
      if (schema.has("items")) {
        check(value.get(i), schema.get("items"), at + "/" + i, problems);
      }
      if (!different.add(value.get(i)) && schema.path("uniqueItems").asBoolean(false)) {
        problems.add(at + " has " + value.get(i) + " twice");
      }
    }
  }

  private static boolean isA(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new AssertionError("no type " + type);
    };
  }
}
