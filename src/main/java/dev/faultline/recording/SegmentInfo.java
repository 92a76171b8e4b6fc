package dev.faultline.recording;

/**
 * What is known of a segment without inflating it.
 *
 * @param offset where its entry begins in the file
 * @param end where the entry ends
 * @param first the sequence number of its first record
 * @param count how many records it has
 * @param hasKeyframe true when it begins with the whole state
 * @param operations how many operations begin in it
 * @param faults how many page faults the hart took in it
 */
public record SegmentInfo(
    long offset, long end, long first, int count, boolean hasKeyframe, int operations, int faults) {
  public long last() {
    return first + count - 1;
  }
}
