package dev.faultline.recording;

import dev.faultline.log.Strings;
import java.util.HashMap;
import java.util.Map;

/** The strings of a recording that its reader has come across. */
final class RecordedStrings implements Strings {
  /** No laboratory has more ({@code strings} and {@code stringCharacters} of its limits). */
  static final int MOST = 1 << 24;

  private static final long MOST_CHARACTERS = 1L << 26;

  private final Map<Integer, String> texts = new HashMap<>(Map.of(0, ""));
  private int count = 1;
  private long characters;

  void put(int number, String text) {
    String former = texts.put(number, text);
    characters += text.length() - (former == null ? 0 : former.length());
    if (characters > MOST_CHARACTERS) {
      throw new BadRecordingException("the strings have more than " + MOST_CHARACTERS + " letters");
    }
    count = Math.max(count, number + 1);
  }

  @Override
  public String text(int number) {
    return texts.getOrDefault(number, "");
  }

  @Override
  public int count() {
    return count;
  }
}
