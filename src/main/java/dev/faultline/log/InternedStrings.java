package dev.faultline.log;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The strings of one log, each with a number. Only the log's writer adds; readers see a string from
 * the moment at which the log has published the {@code STRING} record that introduced it. Number 0
 * is the empty string.
 */
final class InternedStrings implements Strings {
  private final Map<String, Integer> numbers = new HashMap<>();
  private volatile String[] texts = new String[16];
  private volatile int count;
  private long characters;

  InternedStrings() {
    texts[0] = "";
    numbers.put("", 0);
    count = 1;
  }

  /** The number of a string, or -1 when it has none yet. */
  int find(String text) {
    Integer number = numbers.get(text);
    return number == null ? -1 : number;
  }

  int add(String text) {
    if (count == texts.length) {
      texts = Arrays.copyOf(texts, count * 2);
    }
    int number = count;
    texts[number] = text;
    numbers.put(text, number);
    count = number + 1;
    characters += text.length();
    return number;
  }

  @Override
  public String text(int number) {
    return texts[number];
  }

  /** How many characters the strings have together, for the writer. */
  long characters() {
    return characters;
  }

  @Override
  public int count() {
    return count;
  }
}
