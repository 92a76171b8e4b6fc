package dev.faultline;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/** What a test needs from outside the project and cannot have. */
public final class Missing {
  private Missing() {}

  /** Aborts the test by name; in CI, where everything has to be there, it fails instead. */
  public static RuntimeException thing(String message, @Nullable Throwable cause) {
    if ("true".equals(System.getenv("CI"))) throw new IllegalStateException(message, cause);
    // Maven counts aborted tests, but keeps their messages to its reports.
    System.err.println("Test skipped: " + message);
    throw new TestAbortedException(message, cause);
  }
}
