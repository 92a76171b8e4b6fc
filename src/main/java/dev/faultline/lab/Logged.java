package dev.faultline.lab;

import dev.faultline.recording.BadRecordingException;

/** An entry of a command log. */
sealed interface Logged {
  /** A command that was taken; it is written before it is done. */
  record Asked(Command command) implements Logged {}

  /**
   * Where the run before this entry came to its end by a limit of its host: repeating it must not
   * depend on how fast another host is, or on other limits.
   *
   * @param instructions how many might retire
   * @param turns how many turns processes had had when its time was over, 0 when it was not
   */
  record Limited(long instructions, long turns) implements Logged {
    /** A run that no limit ended. */
    static final Limited NOT = new Limited(Long.MAX_VALUE, 0);
  }

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
