package dev.faultline.web;

import dev.faultline.lab.Laboratory;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.RecordEncoder;
import dev.faultline.log.SequenceGoneException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.WebSocketMessage;

/**
 * The stream for browsers: a byte for the kind of message, then a state or records as {@link
 * RecordEncoder} writes them.
 */
final class BinaryBatches implements StreamHandler.Batches {
  private static final int SNAPSHOT = 1;
  private static final int RECORDS = 2;
  private static final int END = 3;

  private static final int BATCH_BYTES = 16 << 10;

  private final Laboratory laboratory;
  private final RecordEncoder records = new RecordEncoder();
  private final RecordEncoder message = new RecordEncoder();
  private @Nullable Cursor cursor;

  /**
   * @param from the moment that the viewer has come to, -1 for a viewer that has nothing yet
   */
  BinaryBatches(Laboratory laboratory, long from) {
    this.laboratory = laboratory;
    cursor = from < 0 ? null : laboratory.log().cursor(from);
  }

  @Override
  public @Nullable WebSocketMessage<?> next() {
    Cursor place = cursor;
    if (place == null) {
      return snapshot();
    }
    try {
      return records(place);
    } catch (SequenceGoneException exception) {
      return snapshot();
    }
  }

  private @Nullable BinaryMessage records(Cursor place) {
    records.clear();
    long first = place.sequence() + 1;
    int count = 0;
    while (records.size() < BATCH_BYTES && place.next()) {
      records.putRecord(place);
      count++;
    }
    if (count == 0) {
      return null;
    }
    message.clear();
    message.putByte(RECORDS).putNumber(first).putNumber(count).append(records);
    return new BinaryMessage(message.toByteArray());
  }

  /** The state just before the last operation, so that the viewer can tell its story. */
  private BinaryMessage snapshot() {
    FoldedState state;
    try {
      state = laboratory.stateAt(laboratory.lastOperation() - 1);
    } catch (SequenceGoneException exception) {
      state = laboratory.stateAt(laboratory.log().head());
    }
    cursor = laboratory.log().cursor(state.sequence());
    message.clear();
    message.putByte(SNAPSHOT).putState(state);
    return new BinaryMessage(message.toByteArray());
  }

  @Override
  public long sequence() {
    return cursor == null ? 0 : cursor.sequence();
  }

  @Override
  public WebSocketMessage<?> end(String reason) {
    message.clear();
    message.putByte(END).putText(reason);
    return new BinaryMessage(message.toByteArray());
  }
}
