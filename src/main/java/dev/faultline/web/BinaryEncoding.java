package dev.faultline.web;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordEncoder;

/**
 * The stream for browsers: a byte for the kind of message, then a state or records as {@link
 * RecordEncoder} writes them. {@code docs/stream.md} describes it for readers of other languages.
 */
final class BinaryEncoding implements Encoding {
  private static final int SNAPSHOT = 1;
  private static final int RECORDS = 2;
  private static final int END = 3;
  private static final int SNAPSHOT_AFTER_GAP = 4;
  private static final int SELECTED = 5;

  private static final int BLOCK_BYTES = 16 << 10;

  @Override
  public int span() {
    return 2048;
  }

  @Override
  public Block records(long after, History.Records source, long tables) {
    return tables == Subscription.ALL_TABLES ? all(after, source) : selected(after, source, tables);
  }

  /** Without a gap, the number of the first record tells those of the others. */
  private Block all(long after, History.Records source) {
    var records = new RecordEncoder();
    long last = after;
    int count = 0;
    boolean goesOn = true;
    LogRecord record = source.next();
    while (record != null) {
      records.putRecord(record);
      count++;
      last = record.sequence();
      goesOn = goesOn(last, records.size(), BLOCK_BYTES);
      record = goesOn ? source.next() : null;
    }
    var message = new RecordEncoder();
    message.putByte(RECORDS).putNumber(after + 1).putNumber(count).append(records);
    return new Block(last, count == 0 ? null : message.toByteArray(), !goesOn);
  }

  private Block selected(long after, History.Records source, long tables) {
    var records = new RecordEncoder();
    long former = 0;
    long last = after;
    int count = 0;
    boolean goesOn = true;
    LogRecord record = source.next();
    while (record != null) {
      last = record.sequence();
      if (Subscription.isWanted(record, tables)) {
        records.putNumber(last - former).putRecord(record);
        former = last;
        count++;
      }
      goesOn = goesOn(last, records.size(), BLOCK_BYTES);
      record = goesOn ? source.next() : null;
    }
    var message = new RecordEncoder();
    message.putByte(SELECTED).putNumber(last).putNumber(count).append(records);
    return new Block(last, count == 0 ? null : message.toByteArray(), !goesOn);
  }

  @Override
  public byte[] snapshot(FoldedState state, long tables, long skippedAfter) {
    var message = new RecordEncoder();
    if (skippedAfter < 0) {
      message.putByte(SNAPSHOT);
    } else {
      message.putByte(SNAPSHOT_AFTER_GAP).putNumber(skippedAfter);
    }
    message.putState(state, table -> Subscription.isWanted(table, tables));
    return message.toByteArray();
  }

  @Override
  public byte[] end(Farewell farewell) {
    return new RecordEncoder()
        .putByte(END)
        .putText(farewell.reason())
        .putNumber(farewell.canResume() ? 1 : 0)
        .putNumber(farewell.at())
        .toByteArray();
  }
}
