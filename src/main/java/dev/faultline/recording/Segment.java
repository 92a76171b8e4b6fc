package dev.faultline.recording;

import dev.faultline.log.RecordEncoder;
import java.nio.ByteBuffer;

/**
 * A segment's payload: what can be told of it at a glance, and its deflated body.
 *
 * @param hash of the state after its last record
 * @param length of the body before it was deflated
 */
record Segment(
    long first,
    int count,
    boolean hasKeyframe,
    int operations,
    int faults,
    long hash,
    int length,
    byte[] deflated) {
  static final int MOST_RECORDS = 8_192;

  /** The records of a segment have no more bytes, before they are deflated. */
  static final int FULL_BYTES = 64 << 10;

  /** No body is longer, keyframe included. */
  static final int MOST_BYTES = 24 << 20;

  private static final int KEYFRAME = 1;

  byte[] payload() {
    var head = new RecordEncoder();
    head.putNumber(count).putNumber(hasKeyframe ? KEYFRAME : 0);
    head.putNumber(operations).putNumber(faults);
    head.putBytes(ByteBuffer.allocate(Long.BYTES).putLong(hash).array());
    return head.putNumber(length).putBytes(deflated).toByteArray();
  }

  static Segment of(long first, byte[] payload) {
    var reader = new ByteReader(payload);
    int count = reader.count("the number of records", MOST_RECORDS);
    boolean hasKeyframe = reader.count("the flags of a segment", KEYFRAME) == KEYFRAME;
    int operations = reader.count("the number of operations", count);
    int faults = reader.count("the number of faults", count);
    long hash = ByteBuffer.wrap(reader.bytes(Long.BYTES)).getLong();
    int length = reader.count("the length of a segment", MOST_BYTES);
    if (count == 0) {
      throw new BadRecordingException("a segment without records");
    }
    return new Segment(
        first,
        count,
        hasKeyframe,
        operations,
        faults,
        hash,
        length,
        reader.bytes(reader.remaining()));
  }

  SegmentInfo info(long offset, long end) {
    return new SegmentInfo(offset, end, first, count, hasKeyframe, operations, faults);
  }
}
