package dev.faultline.recording;

import dev.faultline.log.Column;
import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.Rows;
import dev.faultline.log.TableShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two moments, of one recording or of two. Tables and columns are matched by
 * name, since two recordings may have been made by different engines.
 *
 * @param firstDifferent the first record that is not the same in both, 0 when all are up to the
 *     earlier of the two moments
 */
public record Diff(Player left, Player right, long firstDifferent, List<Rest> tables) {
  /** No more rows of one table are listed. */
  private static final int MOST_ROWS = 1_000;

  /**
   * What differs in a table.
   *
   * @param key of a row that only one side has, or whose columns differ
   * @param columns the columns that differ; all of them when one side has no such row
   */
  public record RowDiff(long key, boolean inLeft, boolean inRight, List<Column> columns) {}

  /**
   * The rows of one table that differ.
   *
   * @param more how many rows differ besides those listed
   */
  public record Rest(TableShape table, List<RowDiff> rows, int more) {}

  /** Compares what two players show; they go on where they stand. */
  public static Diff of(Recording left, long leftAt, Recording right, long rightAt) {
    long firstDifferent = firstDifferent(left, right, Math.min(leftAt, rightAt));
    Player one = left.player(leftAt);
    Player other = right.player(rightAt);
    List<Rest> tables = new ArrayList<>();
    for (TableShape table : left.header().schema().tables()) {
      Optional<TableShape> same = right.header().schema().table(table.label());
      same.ifPresent(found -> tables.add(compared(table, one.state(), found, other.state())));
    }
    tables.removeIf(rest -> rest.rows.isEmpty());
    return new Diff(one, other, firstDifferent, tables);
  }

  private static Rest compared(
      TableShape leftTable, FoldedState left, TableShape rightTable, FoldedState right) {
    Rows leftRows = left.rows(leftTable);
    Rows rightRows = right.rows(rightTable);
    List<RowDiff> rows = new ArrayList<>();
    int more = 0;
    long[] keys =
        java.util.stream.LongStream.concat(
                Arrays.stream(leftRows.sortedKeys()), Arrays.stream(rightRows.sortedKeys()))
            .sorted()
            .distinct()
            .toArray();
    for (long key : keys) {
      boolean inLeft = leftRows.contains(key);
      boolean inRight = rightRows.contains(key);
      List<Column> columns =
          inLeft && inRight
              ? different(leftTable, left, rightTable, right, key)
              : leftTable.columns();
      if (!columns.isEmpty() && rows.size() < MOST_ROWS) {
        rows.add(new RowDiff(key, inLeft, inRight, columns));
      } else if (!columns.isEmpty()) {
        more++;
      }
    }
    return new Rest(leftTable, rows, more);
  }

  private static List<Column> different(
      TableShape leftTable, FoldedState left, TableShape rightTable, FoldedState right, long key) {
    return leftTable.columns().stream()
        .filter(column ->
            rightTable.columns().stream()
                .filter(other -> other.label().equals(column.label()))
                .anyMatch(other ->
                    !shown(left, leftTable, column, key)
                        .equals(shown(right, rightTable, other, key))))
        .toList();
  }

  /** Strings have numbers of their own in each recording, so they are compared as they read. */
  private static String shown(FoldedState state, TableShape table, Column column, long key) {
    return column.format().text(state.rows(table).get(key, column), state.strings());
  }

  private static long firstDifferent(Recording left, Recording right, long until) {
    long from = Math.max(left.firstMoment(), right.firstMoment());
    if (from >= until || !left.reaches(from) || !right.reaches(from)) {
      return 0;
    }
    Player one = left.player(from);
    Player other = right.player(from);
    for (long moment = from; moment < until; moment++) {
      @Nullable LogRecord a = one.next();
      @Nullable LogRecord b = other.next();
      if (a == null || b == null) {
        return 0;
      }
      if (!a.saysTheSameAs(b)) {
        return a.sequence();
      }
    }
    return 0;
  }
}
