package dev.faultline.kernel.process;

/** Numbers and words of a fixed width, as the texts of {@code /proc} have them. */
public final class Columns {
  private Columns() {}

  /** A number in hex, with zeros before it to so many digits at least. */
  public static StringBuilder hex(StringBuilder text, long number, int digits) {
    String hex = Long.toHexString(number);
    return text.repeat('0', Math.max(digits - hex.length(), 0)).append(hex);
  }

  /** A number with blanks before it. */
  public static StringBuilder right(StringBuilder text, long number, int width) {
    String decimal = Long.toString(number);
    return text.repeat(' ', Math.max(width - decimal.length(), 0)).append(decimal);
  }

  /** A word with blanks behind it. */
  public static StringBuilder left(StringBuilder text, String word, int width) {
    return text.append(word).repeat(' ', Math.max(width - word.length(), 0));
  }
}
