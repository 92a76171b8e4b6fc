package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a log into segments and writes them, one entry after the other; where it cuts depends on the
 * records alone. Each segment begins with a keyframe, unless the last keyframe is longer than the
 * records since then. So only a state larger than a segment goes without, for as long as a seek has
 * to read no more records than state, and writing costs no more than twice what the records do.
 */
public final class RecordingWriter {
  static final byte[] MAGIC = "FAULTLN\1".getBytes(StandardCharsets.ISO_8859_1);
  static final byte[] END = "FLTINDEX".getBytes(StandardCharsets.ISO_8859_1);
  static final int FOOTER_BYTES = Long.BYTES + END.length;

  /** Where the bytes go. */
  @FunctionalInterface
  public interface Sink {
    void append(byte[] bytes) throws IOException;
  }

  private final Sink sink;
  private final List<SegmentInfo> segments = new ArrayList<>();
  private SegmentEncoder encoder;
  private long offset;
  private long keyframeLength;
  private long recordsSinceKeyframe;
  private long keyframeBytes;
  private long commandBytes;

  /** Goes on with a recording that has some segments already, {@code state} being its last one. */
  public RecordingWriter(Sink sink, FoldedState state, List<SegmentInfo> segments, long offset) {
    this.sink = sink;
    this.segments.addAll(segments);
    this.offset = offset;
    encoder = new SegmentEncoder(state);
    encoder.putKeyframe();
  }

  /** Begins a recording. */
  public static RecordingWriter begin(Sink sink, RecordingHeader header, FoldedState state)
      throws IOException {
    byte[] head = Frame.bytes(Frame.Kind.HEADER, 0, header.payload());
    sink.append(MAGIC);
    sink.append(head);
    return new RecordingWriter(sink, state, List.of(), MAGIC.length + head.length);
  }

  /** The last record that was put, written or not. */
  public long sequence() {
    return encoder.state().sequence();
  }

  /** The moment before the first record that is not written yet. */
  long firstMoment() {
    return encoder.firstMoment();
  }

  /** The state after the last record that was put; this writer moves it on. */
  FoldedState state() {
    return encoder.state();
  }

  long hashValue() {
    return encoder.hash();
  }

  /** The hash of the state after the last record that was put. */
  public String hash() {
    return StateHash.text(encoder.hash());
  }

  /** A command, before the first record that it caused. */
  public void command(long sequence, byte[] command) throws IOException {
    long before = offset;
    write(Frame.Kind.COMMAND, sequence, packed(command));
    commandBytes += offset - before;
  }

  private static byte[] packed(byte[] command) {
    return new RecordEncoder()
        .putNumber(command.length)
        .putBytes(Deflated.deflate(command))
        .toByteArray();
  }

  public void record(LogRecord record) throws IOException {
    if (!encoder.fits(record)) {
      cut();
    }
    encoder.put(record);
  }

  /** Goes on at a later moment: what lies between is missing from the recording. */
  public void skipTo(FoldedState state) throws IOException {
    flush();
    encoder = new SegmentEncoder(state);
    encoder.putKeyframe();
  }

  /** Writes what was put and is not written yet. */
  public void flush() throws IOException {
    if (!encoder.isEmpty()) {
      cut();
    }
  }

  private void cut() throws IOException {
    Segment segment = encoder.cut();
    byte[] payload = segment.payload();
    long at = offset;
    write(Frame.Kind.SEGMENT, segment.first(), payload);
    segments.add(segment.info(at, offset));
    if (segment.hasKeyframe()) {
      keyframeLength = encoder.keyframeLength();
      long length = keyframeLength + encoder.recordsLength();
      keyframeBytes = payload.length * keyframeLength / Math.max(1, length);
      recordsSinceKeyframe = 0;
    }
    recordsSinceKeyframe += encoder.recordsLength();
    encoder.begin();
    if (keyframeLength <= recordsSinceKeyframe) {
      encoder.putKeyframe();
    }
  }

  /** The sink goes on in another file, which holds what this writer is still to know of. */
  void movedTo(List<SegmentInfo> moved, long end, long commands) {
    segments.clear();
    segments.addAll(moved);
    offset = end;
    commandBytes = commands;
  }

  /** The segments that are written. */
  List<SegmentInfo> segments() {
    return segments;
  }

  /** How many bytes the last keyframe has, as far as it can be told from those of its segment. */
  long keyframeBytes() {
    return keyframeBytes;
  }

  /** How many bytes the commands have. */
  long commandBytes() {
    return commandBytes;
  }

  /** Writes the rest and the index. */
  public void finish() throws IOException {
    flush();
    sink.append(index(segments, offset));
  }

  /** What {@link #finish} would write; the recording goes on. */
  public byte[] tail() {
    if (encoder.isEmpty()) {
      return index(segments, offset);
    }
    Segment segment = encoder.cut();
    byte[] frame = Frame.bytes(Frame.Kind.SEGMENT, segment.first(), segment.payload());
    long end = offset + frame.length;
    List<SegmentInfo> all = new ArrayList<>(segments);
    all.add(segment.info(offset, end));
    return new RecordEncoder().putBytes(frame).putBytes(index(all, end)).toByteArray();
  }

  private void write(Frame.Kind kind, long sequence, byte[] payload) throws IOException {
    byte[] frame = Frame.bytes(kind, sequence, payload);
    sink.append(frame);
    offset += frame.length;
  }

  /** The index of a recording whose other entries end at {@code offset}, and the footer. */
  static byte[] index(List<SegmentInfo> segments, long offset) {
    var index = new RecordEncoder().putNumber(segments.size());
    long end = 0;
    long next = 0;
    for (SegmentInfo segment : segments) {
      index.putNumber(segment.offset() - end).putNumber(segment.end() - segment.offset());
      index.putNumber(segment.first() - next).putNumber(segment.count());
      index.putNumber(segment.hasKeyframe() ? 1 : 0);
      index.putNumber(segment.operations()).putNumber(segment.faults());
      end = segment.end();
      next = segment.last() + 1;
    }
    byte[] frame = Frame.bytes(Frame.Kind.INDEX, 0, index.toByteArray());
    return ByteBuffer.allocate(frame.length + FOOTER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(frame)
        .putLong(offset)
        .put(END)
        .array();
  }

  /** The segments of an index, held against the size of the file that it stands in. */
  static List<SegmentInfo> readIndex(byte[] payload, long size) {
    var reader = new ByteReader(payload);
    int count = reader.count("the number of segments", reader.remaining() / 7);
    List<SegmentInfo> segments = new ArrayList<>(count);
    long end = 0;
    long next = 0;
    for (int i = 0; i < count; i++) {
      long offset = end + reader.count("a distance", Integer.MAX_VALUE);
      end = offset + reader.count("a length", Frame.HEAD_BYTES + Frame.MOST_BYTES);
      long first = next + reader.count("a distance of records", Integer.MAX_VALUE);
      int records = reader.count("a number of records", Segment.MOST_RECORDS);
      boolean hasKeyframe = reader.count("the flags of a segment", 1) == 1;
      int operations = reader.count("a number of operations", records);
      int faults = reader.count("a number of faults", records);
      if (end > size || records == 0 || first == 0) {
        throw new BadRecordingException("the index does not fit the file");
      }
      segments.add(new SegmentInfo(offset, end, first, records, hasKeyframe, operations, faults));
      next = first + records;
    }
    return segments;
  }
}
