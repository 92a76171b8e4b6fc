package dev.faultline.lab;

import dev.faultline.recording.BadRecordingException;

/** An entry of a command log. */
sealed interface Logged {
  /** A command that was taken; it is written before it is done. */
  record Asked(Command command) implements Logged {}

  /**
   * Where the run before this entry came to its end by a limit of its host: repeating it must not
   * depend on how fast another host is, or on other limits.
   */
  record Limited(long instructions) implements Logged {}

  default byte[] encode() {
    return RecordCodec.encode(Logged.class, this);
  }

  /**
   * @throws BadRecordingException when it is none
   */
  static Logged decode(byte[] entry) {
    return RecordCodec.decode(Logged.class, entry);
  }
}
