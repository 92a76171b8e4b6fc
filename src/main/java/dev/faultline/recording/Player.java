package dev.faultline.recording;

import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordList;
import dev.faultline.log.RecordType;
import dev.faultline.log.Schema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place in a recording, and the state there. A seek takes the nearest keyframe at or before the
 * moment and applies every record from there; from near by it steps, and stepping back takes
 * records back one by one. The last few segments stay decoded.
 */
public final class Player {
  private static final int KEPT = 4;

  private final Recording recording;
  private final RecordedStrings strings = new RecordedStrings();
  private final Map<Integer, RecordList> decoded =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, RecordList> eldest) {
          return size() > KEPT;
        }
      };
  private final int trap;
  private FoldedState state;
  private int segment = -1;

  Player(Recording recording) {
    this.recording = recording;
    state = new FoldedState(schema(), strings);
    trap = schema().steps().stream().map(Schema.Step::name).toList().indexOf("TRAPS");
  }

  private Schema schema() {
    return recording.header().schema();
  }

  /** The sequence number of the last record applied. */
  public long sequence() {
    return state.sequence();
  }

  /** The state now; whoever keeps it copies it. */
  public FoldedState state() {
    return state;
  }

  /** The hash of the state now, as the recording's segments name it. */
  public String hash() {
    return StateHash.text(StateHash.of(state));
  }

  /**
   * Goes to the moment right after the record with this sequence number.
   *
   * @throws BadRecordingException when the recording does not reach it, or is damaged there
   */
  public void seek(long moment) {
    int target = recording.segmentAt(moment);
    if (target < 0) {
      throw new BadRecordingException("the recording does not reach the moment " + moment);
    }
    if (segment < 0 || !isNear(target)) {
      restart(target);
    }
    while (segment < target) {
      runTo(recording.segments().get(segment).last());
      enter(segment + 1);
    }
    while (segment > target) {
      runTo(recording.segments().get(segment).first() - 1);
      segment--;
    }
    runTo(moment);
  }

  /** True when stepping there is cheaper than reading a keyframe. */
  private boolean isNear(int target) {
    if (target > segment) {
      return target - segment == 1 && recording.follows(target);
    }
    for (int between = target; between < segment; between++) {
      if (!decoded.containsKey(between) || !recording.follows(between + 1)) {
        return false;
      }
    }
    return true;
  }

  private void restart(int target) {
    int from = target;
    while (!recording.segments().get(from).hasKeyframe()) {
      from--;
    }
    var decoder = new SegmentDecoder(schema(), strings, recording.segment(from));
    state = decoder.keyframe();
    decoded.put(from, decoder.records(state));
    segment = from;
  }

  /** Moves into a segment whose first record is the next. */
  private void enter(int index) {
    if (!decoded.containsKey(index)) {
      var decoder = new SegmentDecoder(schema(), strings, recording.segment(index));
      decoded.put(index, decoder.records(state));
    }
    segment = index;
  }

  /** Moves within the segment. */
  private void runTo(long moment) {
    RecordList records = Objects.requireNonNull(decoded.get(segment));
    RecordList.View view = records.view();
    while (state.sequence() < moment) {
      state.apply(view.moveTo((int) (state.sequence() + 1 - records.firstSequence())));
    }
    while (state.sequence() > moment) {
      state.undo(view.moveTo((int) (state.sequence() - records.firstSequence())));
    }
  }

  /** Moves on by one record; null at the end, and where records are missing. */
  public @Nullable LogRecord next() {
    if (sequence() >= recording.lastMoment() || !recording.reaches(sequence() + 1)) {
      return null;
    }
    seek(sequence() + 1);
    return current();
  }

  /** The record that was applied last; null where there is none in this recording. */
  public @Nullable LogRecord current() {
    int at = segment;
    RecordList records = Objects.requireNonNull(decoded.get(at));
    if (sequence() < records.firstSequence()) {
      if (at == 0 || !recording.follows(at)) {
        return null;
      }
      long moment = sequence();
      seek(moment);
      records = Objects.requireNonNull(decoded.get(segment));
    }
    return records.view().moveTo((int) (sequence() - records.firstSequence()));
  }

  /** Moves back by one record; false at the beginning. */
  public boolean previous() {
    if (!recording.reaches(sequence() - 1)) {
      return false;
    }
    seek(sequence() - 1);
    return true;
  }

  /** What is looked for. */
  public enum Mark {
    /** The step with which the hart takes a page fault. */
    FAULT,
    /** The first record of an operation. */
    STORY
  }

  private boolean is(Mark mark, LogRecord record) {
    return switch (mark) {
      case FAULT -> record.type() == RecordType.STEP && SegmentEncoder.isFault(record, trap);
      case STORY -> record.type() == RecordType.OPERATION;
    };
  }

  private static boolean has(SegmentInfo segment, Mark mark) {
    return (mark == Mark.FAULT ? segment.faults() : segment.operations()) > 0;
  }

  /** Goes right behind the next record of this kind; false when there is none. */
  public boolean seekNext(Mark mark) {
    for (int at = Math.max(segment, 0); at < recording.segments().size(); at++) {
      SegmentInfo info = recording.segments().get(at);
      if (info.last() > sequence() && has(info, mark)) {
        RecordList.View view = records(at).view();
        int from = (int) Math.max(0, sequence() + 1 - info.first());
        for (int i = from; i < info.count(); i++) {
          if (is(mark, view.moveTo(i))) {
            seek(view.sequence());
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Goes right behind the last record of this kind before this moment; false for none. */
  public boolean seekPrevious(Mark mark) {
    for (int at = segment; at >= 0; at--) {
      SegmentInfo info = recording.segments().get(at);
      if (info.first() < sequence() && has(info, mark)) {
        RecordList.View view = records(at).view();
        for (int i = (int) Math.min(info.count(), sequence() - info.first()) - 1; i >= 0; i--) {
          if (is(mark, view.moveTo(i))) {
            seek(view.sequence());
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The records of a segment, wherever this player stands. */
  private RecordList records(int index) {
    RecordList records = decoded.get(index);
    if (records == null) {
      var other = new Player(recording);
      other.seek(recording.segments().get(index).last());
      records = Objects.requireNonNull(other.decoded.get(index));
    }
    return records;
  }
}
