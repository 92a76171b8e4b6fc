package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recording, opened: its header and where its segments lie. It is opened by its index; one that
 * was cut off has none, and is read from entry to entry as far as they are whole. Any thread may
 * ask; each {@link Player} belongs to one.
 */
public final class Recording implements Closeable {
  /** What is checked before it is kept may grow so much: real ones grow to a tenth of it. */
  private static final long MOST_RATIO = 100;

  private static final long MOST_INFLATED = 64 << 20;

  private final Source source;
  private final RecordingHeader header;
  private final List<SegmentInfo> segments;
  private final long end;
  private final boolean isWhole;

  private Recording(
      Source source,
      RecordingHeader header,
      List<SegmentInfo> segments,
      long end,
      boolean isWhole) {
    this.source = source;
    this.header = header;
    this.segments = List.copyOf(segments);
    this.end = end;
    this.isWhole = isWhole;
  }

  /**
   * Opens a recording.
   *
   * @throws BadRecordingException when it is none, or has not even one whole segment
   */
  public static Recording open(Source source) throws IOException {
    Frame first = headerFrame(source);
    RecordingHeader header = RecordingHeader.read(first.payload());
    Recording indexed = byIndex(source, header);
    return indexed != null ? indexed : byScanning(source, header, first.end());
  }

  static Frame headerFrame(Source source) throws IOException {
    byte[] magic = source.read(0, RecordingWriter.MAGIC.length);
    int version = magic.length - 1;
    if (magic.length < RecordingWriter.MAGIC.length
        || !Arrays.equals(magic, 0, version, RecordingWriter.MAGIC, 0, version)) {
      throw new BadRecordingException("this is no recording: it does not begin with FAULTLN");
    }
    if (magic[version] != RecordingHeader.FORMAT) {
      throw new BadRecordingException(
          "the recording has format %d; this Faultline reads format %d"
              .formatted(magic[version] & 0xff, RecordingHeader.FORMAT));
    }
    Frame.Head head = Frame.head(source, magic.length);
    Frame frame =
        head == null || head.length() > RecordingHeader.MOST_BYTES
            ? null
            : Frame.read(source, magic.length);
    if (frame == null || frame.kind() != Frame.Kind.HEADER) {
      throw new BadRecordingException("the recording's header is damaged or cut off");
    }
    return frame;
  }

  private static @Nullable Recording byIndex(Source source, RecordingHeader header)
      throws IOException {
    long size = source.size();
    byte[] footer =
        source.read(Math.max(0, size - RecordingWriter.FOOTER_BYTES), RecordingWriter.FOOTER_BYTES);
    if (footer.length < RecordingWriter.FOOTER_BYTES
        || !Arrays.equals(
            footer,
            Long.BYTES,
            footer.length,
            RecordingWriter.END,
            0,
            RecordingWriter.END.length)) {
      return null;
    }
    long at = ByteBuffer.wrap(footer).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Frame index = at < 0 || at > size ? null : Frame.read(source, at);
    if (index == null
        || index.kind() != Frame.Kind.INDEX
        || index.end() + RecordingWriter.FOOTER_BYTES != size) {
      return null;
    }
    List<SegmentInfo> segments = RecordingWriter.readIndex(index.payload(), at);
    return new Recording(source, header, checked(segments), at, true);
  }

  private static Recording byScanning(Source source, RecordingHeader header, long from)
      throws IOException {
    List<SegmentInfo> segments = new ArrayList<>();
    long end = from;
    long at = from;
    Frame frame = Frame.read(source, at);
    while (frame != null && frame.kind() != Frame.Kind.INDEX) {
      at = frame.end();
      if (frame.kind() == Frame.Kind.SEGMENT) {
        segments.add(Segment.of(frame.sequence(), frame.payload()).info(frame.offset(), at));
        end = at;
      }
      frame = Frame.read(source, at);
    }
    return new Recording(source, header, checked(segments), end, at == source.size());
  }

  private static List<SegmentInfo> checked(List<SegmentInfo> segments) {
    if (segments.isEmpty()) {
      throw new BadRecordingException("the recording has no whole segment");
    }
    long next = 0;
    boolean hasKeyframe = false;
    for (SegmentInfo segment : segments) {
      boolean follows = segment.first() == next;
      if (segment.first() < Math.max(next, 1) || !follows && !segment.hasKeyframe()) {
        throw new BadRecordingException(
            "the segment at byte %d begins at record %d, which does not follow the one before"
                .formatted(segment.offset(), segment.first()));
      }
      hasKeyframe |= segment.hasKeyframe();
      next = segment.last() + 1;
    }
    if (!hasKeyframe) {
      throw new BadRecordingException("the recording has no keyframe");
    }
    return segments;
  }

  public RecordingHeader header() {
    return header;
  }

  public List<SegmentInfo> segments() {
    return segments;
  }

  /** Where the last whole segment ends in the file. */
  public long end() {
    return end;
  }

  /** False when the recording was cut off or is damaged behind its last whole segment. */
  public boolean isWhole() {
    return isWhole;
  }

  /** The first moment that can be shown, before the first record. */
  public long firstMoment() {
    return segments.getFirst().first() - 1;
  }

  /** The last moment: the sequence number of the last record. */
  public long lastMoment() {
    return segments.getLast().last();
  }

  /** The segment in whose reach a moment lies, -1 for none. */
  int segmentAt(long moment) {
    int low = 0;
    int high = segments.size() - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (segments.get(middle).first() <= moment) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    SegmentInfo found = segments.get(low);
    if (moment >= found.first() - 1 && moment <= found.last()) {
      return low;
    }
    boolean beforeNext = low + 1 < segments.size() && segments.get(low + 1).first() - 1 == moment;
    return beforeNext ? low + 1 : -1;
  }

  /** True when the state at this moment can be had. */
  public boolean reaches(long moment) {
    return segmentAt(moment) >= 0;
  }

  /** A player that stands at {@code moment}. */
  public Player player(long moment) {
    var player = new Player(this);
    player.seek(moment);
    return player;
  }

  /** The state right after the record with this sequence number. */
  public FoldedState stateAt(long moment) {
    return player(moment).state();
  }

  Segment segment(int index) {
    SegmentInfo info = segments.get(index);
    try {
      Frame frame = Frame.read(source, info.offset());
      if (frame == null
          || frame.kind() != Frame.Kind.SEGMENT
          || frame.sequence() != info.first()
          || frame.end() != info.end()) {
        throw new BadRecordingException(
            "the segment of records %d to %d, at byte %d, is damaged"
                .formatted(info.first(), info.last(), info.offset()));
      }
      Segment segment = Segment.of(info.first(), frame.payload());
      if (!segment.info(info.offset(), info.end()).equals(info)) {
        throw new BadRecordingException(
            "the index and the segment at byte %d disagree".formatted(info.offset()));
      }
      return segment;
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /** A command of the recording, and the first record that it caused. */
  public record RecordedCommand(long sequence, byte[] bytes) {}

  /** What is done with each command; false ends the reading. */
  @FunctionalInterface
  public interface CommandReader {
    boolean command(RecordedCommand command);
  }

  /** Gives the recording's commands, after as many as are passed over, to {@code reader}. */
  public void commands(long after, CommandReader reader) throws IOException {
    long at = headerFrame(source).end();
    long passed = 0;
    while (at < end) {
      Frame.Head head = Frame.head(source, at);
      if (head == null) {
        throw new BadRecordingException("the entry at byte " + at + " is damaged");
      }
      if (head.kind() == Frame.Kind.COMMAND && passed++ >= after && !reader.command(command(at))) {
        return;
      }
      at = head.end();
    }
  }

  private RecordedCommand command(long at) throws IOException {
    Frame frame = Frame.read(source, at);
    if (frame == null) {
      throw new BadRecordingException("the command at byte " + at + " is damaged");
    }
    var payload = new ByteReader(frame.payload());
    int length = payload.count("the length of a command", Frame.MOST_BYTES);
    return new RecordedCommand(
        frame.sequence(), Deflated.inflate(payload.bytes(payload.remaining()), length));
  }

  /** The hash of a state, as recordings name it. */
  public static String hash(FoldedState state) {
    return StateHash.text(StateHash.of(state));
  }

  /**
   * Plays it all, and holds every segment's hash against what its records add up to, and against
   * the keyframe that follows.
   *
   * @throws BadRecordingException at the first that does not fit
   */
  public void check() throws IOException {
    commands(0, command -> true);
    var player = new Player(this);
    long inflated = 0;
    long before = 0;
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segment(i);
      inflated += segment.length();
      if (inflated > MOST_INFLATED + MOST_RATIO * source.size()) {
        throw new BadRecordingException(
            "the recording inflates to more than " + MOST_RATIO + " times its size");
      }
      if (i > 0
          && segment.hasKeyframe()
          && follows(i)
          && StateHash.of(keyframe(segment)) != before) {
        throw new BadRecordingException(
            "the keyframe before record %d is not the state that the recording names there"
                .formatted(segment.first()));
      }
      player.seek(segments.get(i).last());
      before = segment.hash();
      if (StateHash.of(player.state()) != before) {
        throw new BadRecordingException(
            "the records to %d do not add up to the state that the recording names"
                .formatted(segments.get(i).last()));
      }
    }
  }

  /** The state that a segment begins with by itself. */
  private FoldedState keyframe(Segment segment) {
    return new SegmentDecoder(header.schema(), new RecordedStrings(), segment).keyframe();
  }

  /** Whether no records are missing between a segment and the one before it. */
  boolean follows(int index) {
    return segments.get(index).first() == segments.get(index - 1).last() + 1;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
