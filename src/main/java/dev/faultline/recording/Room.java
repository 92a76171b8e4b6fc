package dev.faultline.recording;

/** How far a file may grow. */
@FunctionalInterface
public interface Room {
  /** For files that nobody bounds. */
  Room ENDLESS = bytes -> {};

  /**
   * Takes so many bytes, before they are written, or gives them back when there are fewer than 0.
   * What there is no room for is refused by an exception, and not taken.
   */
  void take(long bytes);
}
