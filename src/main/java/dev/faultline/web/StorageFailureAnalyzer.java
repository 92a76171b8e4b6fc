package dev.faultline.web;

import dev.faultline.lab.StorageException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in words, without a stack trace, why a server does not start with its data directory. */
final class StorageFailureAnalyzer extends AbstractFailureAnalyzer<StorageException> {
  @Override
  protected @Nullable FailureAnalysis analyze(Throwable failure, StorageException cause) {
    return new FailureAnalysis(
        String.valueOf(cause.getMessage()),
        "Name with --faultline.data a directory in which this user may write and no other server"
            + " works, or leave it out: laboratories then end with the server.",
        cause);
  }
}
