package dev.faultline.log;

/** The strings that the values of a log refer to, each by its number; number 0 is the empty one. */
public interface Strings {
  String text(int number);

  /** Every number in use is below this one. */
  int count();
}
