package dev.faultline.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Writes records and states as compact bytes, for the stream to browsers: LEB128 numbers of up to
 * 64 bits, signed ones zigzag-coded.
 *
 * <pre>
 *   snapshot   sequence, number of strings, (length, UTF-8) each,
 *              then for each table: number of rows, (key, every column) each
 *   record     type | ordinal &lt;&lt; 3, then
 *     STRING     number, length, UTF-8
 *     OPERATION  arguments        STEP  arguments        OUTCOME  arguments
 *     INSERT     key, every column                       DELETE  key, every column
 *     UPDATE     key, columns (one bit each), before and after of each
 * </pre>
 */
public final class RecordEncoder {
  private byte[] bytes = new byte[4096];
  private int size;

  public int size() {
    return size;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  public RecordEncoder putByte(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
    return this;
  }

  /** An unsigned number. */
  public RecordEncoder putNumber(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  public RecordEncoder putSigned(long value) {
    return putNumber(value << 1 ^ value >> 63);
  }

  public RecordEncoder putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putNumber(utf8.length);
    return putBytes(utf8, utf8.length);
  }

  public RecordEncoder putBytes(byte[] from) {
    return putBytes(from, from.length);
  }

  private RecordEncoder putBytes(byte[] from, int length) {
    ensure(length);
    System.arraycopy(from, 0, bytes, size, length);
    size += length;
    return this;
  }

  /** Appends what another encoder holds. */
  public RecordEncoder append(RecordEncoder other) {
    return putBytes(other.bytes, other.size);
  }

  public void clear() {
    size = 0;
  }

  public RecordEncoder putRecord(LogRecord record) {
    RecordType type = record.type();
    putNumber(type.ordinal() | (long) record.ordinal() << 3);
    switch (type) {
      case STRING -> {
        putNumber(record.argument(0));
        putText(record.strings().text((int) record.argument(0)));
      }
      case OPERATION, STEP, OUTCOME, INSERT, DELETE -> {
        for (int i = 0; i < record.argumentCount(); i++) {
          putSigned(record.argument(i));
        }
      }
      case UPDATE -> {
        putSigned(record.key());
        putNumber(record.columns());
        for (int i = 1; i < record.argumentCount(); i++) {
          putSigned(record.argument(i));
        }
      }
    }
    return this;
  }

  /**
   * A state, with the strings that the log has by now.
   *
   * @param wanted chooses tables by label; another one is written as if it had no rows
   */
  public void putState(FoldedState state, Predicate<String> wanted) {
    putNumber(state.sequence());
    Strings strings = state.strings();
    int count = strings.count();
    putNumber(count);
    for (int number = 0; number < count; number++) {
      putText(strings.text(number));
    }
    for (TableShape table : state.schema().tables()) {
      Rows rows = state.rows(table);
      if (!wanted.test(table.label())) {
        putNumber(0);
        continue;
      }
      putNumber(rows.size());
      for (long key : rows.sortedKeys()) {
        putSigned(key);
        for (int column = 0; column < rows.width(); column++) {
          putSigned(rows.get(key, column));
        }
      }
    }
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }
}
