package dev.faultline.recording;

import java.util.Objects;

/** What was read is no recording, or none that can be played; the message says what is wrong. */
public final class BadRecordingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadRecordingException(String message) {
    super(message);
  }

  BadRecordingException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
