package dev.faultline.log;

/** The kinds of record in a {@link ChangeLog}; the order is that of the header's type bits. */
public enum RecordType {
  STRING,
  OPERATION,
  STEP,
  INSERT,
  UPDATE,
  DELETE,
  OUTCOME;

  private static final RecordType[] ALL = values();

  static RecordType at(int ordinal) {
    return ALL[ordinal];
  }
}
