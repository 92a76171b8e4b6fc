package dev.faultline.lab;

/** There is no recording with this id. */
public final class NoSuchRecordingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoSuchRecordingException(String id) {
    super("there is no recording " + id);
  }
}
