package dev.faultline.log;

import java.util.List;

/** A table as a reader has to know it: of this engine ({@link Table}) or of a recording. */
public interface TableShape {
  /** The name that scripts use, as in {@code /tables/cached_page}. */
  String label();

  /** Its place in the schema. */
  int ordinal();

  List<Column> columns();

  default int width() {
    return columns().size();
  }
}
