package dev.faultline.lab;

/** An archive cannot be unpacked; the message says what is wrong with it. */
public final class ArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ArchiveException(String message) {
    super(message);
  }
}
