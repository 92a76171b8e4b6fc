package dev.faultline.lab;

/** A recording can be played but not gone on from: another engine made it. */
public final class CannotBranchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotBranchException(String message) {
    super(message);
  }
}
