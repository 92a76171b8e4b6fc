package dev.faultline.web;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON schema of an object: pretends to be one that has nothing, and notes what is asked of it.
 * A member that is taken without a look whether it is there is a required one.
 */
final class BodySchema implements Body {
  private final String name;
  private final Map<String, Object> properties = new LinkedHashMap<>();
  private final Set<String> required = new LinkedHashSet<>();

  BodySchema(String name) {
    this.name = name;
  }

  /** Of a command, which says itself what it does. */
  static BodySchema ofCommand(String verb) {
    var schema = new BodySchema(Character.toUpperCase(verb.charAt(0)) + verb.substring(1));
    schema.properties.put("do", Map.of("type", "string", "enum", List.of(verb)));
    schema.required.add("do");
    return schema;
  }

  @Override
  public <T> T get(Member<T> member) {
    boolean isNew = properties.putIfAbsent(member.name(), member.schema()) == null;
    if (isNew && member.isNeeded()) {
      required.add(member.name());
    }
    return member.sample();
  }

  @Override
  public boolean has(Member<?> member) {
    properties.putIfAbsent(member.name(), member.schema());
    return false;
  }

  @Override
  public BadRequestException bad(Member<?> member, String message) {
    throw new IllegalStateException(name + ": " + member.name() + " " + message);
  }

  /** Its name in the document. */
  String name() {
    return name;
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", "object");
    if (!required.isEmpty()) {
      json.put("required", List.copyOf(required));
    }
    json.put("additionalProperties", false);
    json.put("properties", properties);
    return json;
  }
}
