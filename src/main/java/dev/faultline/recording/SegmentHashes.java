package dev.faultline.recording;

/** The hashes that a recording names at the ends of its segments, to hold another run against. */
public final class SegmentHashes {
  private final Recording recording;
  private int next;

  public SegmentHashes(Recording recording) {
    this.recording = recording;
  }

  /** True when the recording says otherwise about the moment that {@code writer} has come to. */
  public boolean contradict(RecordingWriter writer) {
    long moment = writer.sequence();
    while (next < recording.segments().size() && recording.segments().get(next).last() < moment) {
      next++;
    }
    return next < recording.segments().size()
        && recording.segments().get(next).last() == moment
        && recording.segment(next).hash() != writer.hashValue();
  }
}
