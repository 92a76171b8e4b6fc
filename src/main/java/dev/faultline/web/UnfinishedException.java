package dev.faultline.web;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command of an array could not be run; what the ones before it gave must not be lost. */
final class UnfinishedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final RuntimeException reason;
  private final int index;
  private final transient List<Map<String, @Nullable Object>> completed;

  UnfinishedException(
      int index, List<Map<String, @Nullable Object>> completed, RuntimeException reason) {
    super(reason);
    this.reason = reason;
    this.index = index;
    this.completed = completed;
  }

  RuntimeException reason() {
    return reason;
  }

  /** Which command it was, from 0 on. */
  int index() {
    return index;
  }

  List<Map<String, @Nullable Object>> completed() {
    return completed;
  }
}
