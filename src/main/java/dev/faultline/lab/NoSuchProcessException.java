package dev.faultline.lab;

/** A command or a question names a process that the laboratory does not have, or that has ended. */
public final class NoSuchProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int pid;

  NoSuchProcessException(int pid, String message) {
    super(message);
    this.pid = pid;
  }

  public int pid() {
    return pid;
  }
}
