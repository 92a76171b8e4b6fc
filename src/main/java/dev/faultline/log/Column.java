package dev.faultline.log;

import java.util.Locale;

/** One column of a {@link Table}; its place in the row is its ordinal. */
public interface Column {
  String name();

  int ordinal();

  Format format();

  /** The name that scripts and readers use. */
  default String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
