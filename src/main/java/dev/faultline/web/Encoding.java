package dev.faultline.web;

import dev.faultline.log.FoldedState;
import org.jspecify.annotations.Nullable;

/** How a stream is written: one message is one array of bytes, the same for every viewer. */
interface Encoding {
  /**
   * Records in a row that are sent together.
   *
   * @param last the sequence number of the last record that it covers, wanted or not
   * @param bytes null when none of them was wanted
   * @param isFull whether there may be more already
   */
  record Block(long last, byte @Nullable [] bytes, boolean isFull) {}

  /** A block ends before a multiple of this, so that viewers who fell apart meet again there. */
  int span();

  /** The records after a moment, up to the end of the block or of what there is. */
  Block records(long after, History.Records records, long tables);

  /**
   * The state, for a viewer that begins or cannot go on from where it was.
   *
   * @param skippedAfter the moment to which such a viewer had come, -1 for one that begins
   */
  byte[] snapshot(FoldedState state, long tables, long skippedAfter);

  byte[] end(Farewell farewell);

  /** Whether records of this block may follow the one at {@code sequence}. */
  default boolean goesOn(long sequence, int bytes, int mostBytes) {
    return bytes < mostBytes && (sequence + 1) % span() != 0;
  }
}
