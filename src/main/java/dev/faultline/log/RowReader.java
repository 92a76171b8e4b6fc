package dev.faultline.log;

/**
 * Takes rows of a live structure, values in the order of the table's columns, to hold them against
 * the log.
 */
@FunctionalInterface
public interface RowReader {
  void row(Table table, long key, long... values);
}
