package dev.faultline.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Words that stand for bits or numbers.
 *
 * @param prefix what C writes before each, and people may
 */
record Words(String prefix, Map<String, Integer> values) {
  static <E extends Enum<E>> Words of(String prefix, E[] all, ToIntFunction<E> value) {
    Map<String, Integer> values = new LinkedHashMap<>();
    for (E one : all) {
      values.put(one.name(), value.applyAsInt(one));
    }
    return new Words(prefix, values);
  }

  /** Words of one bit each, from the lowest. */
  static Words bits(String prefix, String... words) {
    Map<String, Integer> values = new LinkedHashMap<>();
    for (String word : words) {
      values.put(word, 1 << values.size());
    }
    return new Words(prefix, values);
  }

  List<String> all() {
    return List.copyOf(values.keySet());
  }

  int value(Members members, String member, String word) {
    String upper = word.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith(prefix) ? upper.substring(prefix.length()) : upper;
    Integer value = values.get(bare);
    if (value == null) {
      throw members.bad(member, "has no " + word + "; there are " + String.join(", ", all()));
    }
    return value;
  }
}
