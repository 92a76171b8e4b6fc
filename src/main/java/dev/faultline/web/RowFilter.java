package dev.faultline.web;

import dev.faultline.log.TableShape;
import java.math.BigInteger;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One filter of a table, such as {@code ?pid=1} or {@code ?kind=anon}: a number in any notation, or
 * the word shown. It sees rows as scripts do.
 */
record RowFilter(String column, String text, @Nullable BigInteger number) {

  static RowFilter of(TableShape table, String column, String text) {
    Set<String> columns = RecordJson.columns(table);
    if (!columns.contains(column)) {
      throw BadRequestException.parameter(
          column,
          "the table "
              + table.label()
              + " has no column "
              + column
              + "; it has "
              + String.join(", ", columns));
    }
    return new RowFilter(column, text, number(text));
  }

  boolean matches(Map<String, Object> row) {
    String cell = String.valueOf(row.get(column));
    return cell.equals(text) || number != null && number.equals(number(cell));
  }

  private static @Nullable BigInteger number(String text) {
    try {
      return Numbers.parse(text);
    } catch (NumberFormatException exception) {
      return null;
    }
  }
}
