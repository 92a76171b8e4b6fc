package dev.faultline.web;

import dev.faultline.log.Column;
import dev.faultline.log.Rows;
import dev.faultline.log.Strings;
import dev.faultline.log.Table;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One filter of a table, such as {@code ?pid=1} or {@code ?kind=anon}: a number in any notation, or
 * the word shown.
 */
final class RowFilter {
  private final Column column;
  private final String text;
  private final @Nullable Long number;

  private RowFilter(Column column, String text, @Nullable Long number) {
    this.column = column;
    this.text = text;
    this.number = number;
  }

  static RowFilter of(Table table, String name, String value) {
    List<Column> columns = table.columns();
    Column column =
        columns.stream()
            .filter(candidate -> candidate.label().equals(name))
            .findFirst()
            .orElseThrow(() ->
                BadRequestException.parameter(
                    name,
                    "the table "
                        + table.label()
                        + " has no column "
                        + name
                        + "; it has "
                        + String.join(", ", columns.stream().map(Column::label).toList())));
    return new RowFilter(column, value, number(value));
  }

  private static @Nullable Long number(String text) {
    try {
      BigInteger number = Numbers.parse(text);
      return number.bitLength() <= 64 ? number.longValue() : null;
    } catch (NumberFormatException exception) {
      return null;
    }
  }

  boolean matches(Rows rows, long key, Strings strings) {
    long value = rows.get(key, column);
    return switch (column.format().shape()) {
      case DECIMAL, HEX -> number != null && number == value;
      case OCTAL, BOOLEAN, TEXT, SYMBOL, ENTRY_FLAGS, PROTECTION ->
          column.format().text(value, strings).equals(text);
    };
  }
}
