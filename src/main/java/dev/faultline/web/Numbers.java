package dev.faultline.web;

import java.math.BigInteger;
import java.util.Locale;

/** Numbers as people and scripts write them: decimal, or hexadecimal after {@code 0x}. */
final class Numbers {
  private static final int LONGEST = 24;

  private Numbers() {}

  /**
   * @throws NumberFormatException when it is no number
   */
  static BigInteger parse(String text) {
    String trimmed = text.strip().toLowerCase(Locale.ROOT);
    if (trimmed.length() > LONGEST) {
      throw new NumberFormatException();
    }
    return trimmed.startsWith("0x")
        ? new BigInteger(digits(trimmed.substring(2)), 16)
        : new BigInteger(trimmed);
  }

  /** A parameter of an address, such as {@code ?address=0x1000}. */
  static long parameter(String name, String text) {
    try {
      BigInteger number = parse(text);
      if (number.bitLength() <= 64 && number.signum() >= 0) {
        return number.longValue();
      }
    } catch (NumberFormatException exception) {
      // Falls through to the same refusal.
    }
    throw BadRequestException.parameter(name, name + " is not a number of 64 bits: " + text);
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private static String digits(String text) {
    if (text.startsWith("-") || text.startsWith("+")) {
      throw new NumberFormatException();
    }
    return text;
  }
}
