package dev.faultline.lab;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The data directory cannot be read or written; the message says what and why. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StorageException(String message, @Nullable IOException cause) {
    super(cause == null ? message : message + ": " + cause.getMessage(), cause);
  }
}
