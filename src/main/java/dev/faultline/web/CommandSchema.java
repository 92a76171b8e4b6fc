package dev.faultline.web;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON schema of a command: pretends to be a body that has nothing, and notes what is asked of
 * it. A member that is taken without a look whether it is there is a required one.
 */
final class CommandSchema implements CommandBody {
  private final String verb;
  private final Map<String, Object> properties = new LinkedHashMap<>();
  private final Set<String> required = new LinkedHashSet<>(List.of("do"));

  CommandSchema(String verb) {
    this.verb = verb;
    properties.put("do", Map.of("type", "string", "enum", List.of(verb)));
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
    throw new IllegalStateException(verb + ": " + member.name() + " " + message);
  }

  /** Its name in the document. */
  String name() {
    return Character.toUpperCase(verb.charAt(0)) + verb.substring(1);
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", "object");
    json.put("required", List.copyOf(required));
    json.put("additionalProperties", false);
    json.put("properties", properties);
    return json;
  }
}
