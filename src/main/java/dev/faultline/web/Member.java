package dev.faultline.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A member of a body: how it is read, and what the document says of it, from the same numbers and
 * words.
 *
 * @param schema its JSON schema
 * @param isNeeded whether it cannot be left out
 * @param sample what stands for it while the body is described
 */
record Member<T>(
    String name, Map<String, Object> schema, boolean isNeeded, Reader<T> reader, T sample) {

  /** Takes a member from JSON, or refuses it by name. */
  interface Reader<T> {
    T read(Members members);
  }

  /** A number of 64 bits. */
  static Member<Long> number(String name, String description) {
    return new Member<>(
        name, reference("Number", description), true, members -> members.number(name), 0L);
  }

  static Member<Long> number(String name, long otherwise, String description) {
    return new Member<>(
        name,
        with(reference("Number", description), "default", otherwise),
        false,
        members -> members.number(name, otherwise),
        otherwise);
  }

  static Member<Integer> integer(String name, int least, int most, String description) {
    return new Member<>(
        name,
        range(least, most, description),
        true,
        members -> members.number(name, least, most),
        least);
  }

  static Member<Integer> integer(
      String name, int least, int most, int otherwise, String description) {
    return new Member<>(
        name,
        with(range(least, most, description), "default", otherwise),
        false,
        members -> members.number(name, least, most, otherwise),
        otherwise);
  }

  /** A list of words, each a bit or several. */
  static Member<Integer> flags(String name, Words words, String description) {
    Map<String, Object> schema = typed("array", sentences(description, prefix(words, "each")));
    schema.put("items", Map.of("type", "string", "enum", words.all()));
    return new Member<>(
        name,
        schema,
        false,
        members ->
            members.names(name).stream()
                .mapToInt(word -> words.value(members, name, word))
                .reduce(0, (one, other) -> one | other),
        0);
  }

  /** One word of several. */
  static Member<Integer> word(String name, Words words, String description) {
    Map<String, Object> schema = typed("string", sentences(description, prefix(words, "it")));
    schema.put("enum", words.all());
    return new Member<>(
        name, schema, true, members -> words.value(members, name, members.text(name)), 0);
  }

  /** One word of several, each the label of something. */
  static <E> Member<E> choice(
      String name, List<E> all, Function<E, String> label, E otherwise, String description) {
    List<String> labels = all.stream().map(label).toList();
    Map<String, Object> schema = typed("string", description);
    schema.put("enum", labels);
    schema.put("default", label.apply(otherwise));
    return new Member<>(
        name,
        schema,
        false,
        members -> {
          String word = members.text(name, label.apply(otherwise));
          int found = labels.indexOf(word);
          if (found < 0) {
            throw members.bad(
                name, "has no choice " + word + "; there are " + String.join(", ", labels));
          }
          return all.get(found);
        },
        otherwise);
  }

  /** A string of some characters that are not all blank. */
  static Member<String> name(String name, int most, String otherwise, String description) {
    Map<String, Object> schema = typed("string", description);
    schema.put("minLength", 1);
    schema.put("maxLength", most);
    schema.put("default", otherwise);
    return new Member<>(
        name,
        schema,
        false,
        members -> {
          String text = members.text(name, otherwise);
          if (text.isBlank() || text.length() > most) {
            throw members.bad(name, "must have 1 to " + most + " characters");
          }
          return text;
        },
        otherwise);
  }

  /** An object whose members may all be left out, as may it. */
  static <T> Member<T> object(String name, Function<Body, T> read, String description) {
    var described = new BodySchema(name);
    T otherwise = read.apply(described);
    return new Member<>(
        name,
        with(described.json(), "description", description),
        false,
        members ->
            members
                .object(name)
                .map(inner -> {
                  T value = read.apply(inner);
                  inner.refuseOthers();
                  return value;
                })
                .orElse(otherwise),
        otherwise);
  }

  /** A list of strings. */
  static Member<List<String>> texts(String name, String description) {
    Map<String, Object> schema = typed("array", description);
    schema.put("items", Map.of("type", "string"));
    return new Member<>(name, schema, false, members -> members.texts(name), List.of());
  }

  /** The same member with more said of it. */
  Member<T> saying(String key, Object value) {
    return new Member<>(name, with(schema, key, value), isNeeded, reader, sample);
  }

  static Map<String, Object> reference(String schema, String description) {
    Map<String, Object> reference = new LinkedHashMap<>();
    reference.put("$ref", "#/components/schemas/" + schema);
    reference.put("description", description);
    return reference;
  }

  static Map<String, Object> typed(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    schema.put("description", description);
    return schema;
  }

  private static Map<String, Object> range(int least, int most, String description) {
    return with(with(typed("integer", description), "minimum", least), "maximum", most);
  }

  private static Map<String, Object> with(Map<String, Object> schema, String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(schema);
    more.put(key, value);
    return more;
  }

  private static String prefix(Words words, String what) {
    return "The prefix " + words.prefix() + " may stand before " + what;
  }

  private static String sentences(String one, String other) {
    return one.isEmpty() ? other : one + ". " + other;
  }
}
