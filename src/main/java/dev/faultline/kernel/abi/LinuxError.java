package dev.faultline.kernel.abi;

import dev.faultline.log.Errno;

/** A system call's refusal. The step that says why is in the log by the time this is thrown. */
public final class LinuxError extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Errno errno;

  public LinuxError(Errno errno) {
    super(errno.name(), null, false, false);
    this.errno = errno;
  }

  public Errno errno() {
    return errno;
  }
}
