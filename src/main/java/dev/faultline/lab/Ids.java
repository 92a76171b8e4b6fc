package dev.faultline.lab;

import java.security.SecureRandom;

/** Names for laboratories and recordings that nobody guesses or mistypes. */
final class Ids {
  /** Letters and digits that are not mistaken for one another. */
  private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

  private static final int LENGTH = 10;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  static String next() {
    var id = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      id.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    return id.toString();
  }
}
