package dev.faultline.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.Laboratory;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.LogRecord;
import dev.faultline.log.RecordEncoder;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.Schema;
import dev.faultline.log.TableShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What was recorded is what happened, at every moment and in whatever order it is looked at. */
@Execution(ExecutionMode.CONCURRENT)
class RecordingTest {
  private static final long SEED = Long.getLong("faultline.seed", System.nanoTime());

  private static final int COMMANDS = 6_000;

  private static ChangeLog log = new ChangeLog(1);
  private static byte[] bytes = {};

  @BeforeAll
  static void record() {
    System.out.println("RecordingTest: -Dfaultline.seed=" + SEED);
    Laboratory lab = RecordedRuns.longRun(SEED, 100, COMMANDS);
    log = lab.log();
    assertThat(log.oldest()).isZero();
    bytes = RecordedRuns.record(log);
  }

  private static Recording open() {
    try {
      return Recording.open(Source.of(bytes));
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }

  private static FoldedState live(long moment) {
    FoldedState state = log.oldestState();
    state.advance(log, moment);
    return state;
  }

  /** A state as text, to be compared and shown. */
  static String picture(FoldedState state) {
    var text = new StringBuilder();
    for (TableShape table : state.schema().tables()) {
      Rows rows = state.rows(table);
      for (long key : rows.sortedKeys()) {
        text.append(table.label()).append(' ').append(key).append(':');
        for (int column = 0; column < rows.width(); column++) {
          text.append(' ').append(rows.get(key, column));
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  @Test
  void recording_isCutIntoSegmentsAndNamesWhatItHolds() {
    Recording recording = open();
    assertThat(recording.isWhole()).isTrue();
    assertThat(recording.segments()).hasSizeGreaterThan(1);
    assertThat(recording.firstMoment()).isZero();
    assertThat(recording.lastMoment()).isEqualTo(log.head());
    assertThat(recording.segments()).allMatch(SegmentInfo::hasKeyframe);
    assertThat(recording.header().describe()).isEqualTo(RecordedRuns.header().describe());
    System.out.printf(
        "%d records in %d bytes, %.2f bytes each; %d segments, %d keyframes%n",
        log.head(),
        bytes.length,
        (double) bytes.length / log.head(),
        recording.segments().size(),
        recording.segments().stream().filter(SegmentInfo::hasKeyframe).count());
  }

  /** A segment of records cannot pay for a state that is larger, without which 3 bytes are held. */
  @Test
  void stateLargerThanSegments_hasKeyframesNoLongerThanItsRecords() throws IOException {
    Laboratory large = RecordedRuns.largeRun(SEED, 6_000, 1_000);
    Recording recording = Recording.open(Source.of(RecordedRuns.record(large.log())));
    recording.check();
    long keyframe = 0;
    long records = 0;
    int without = 0;
    for (int i = 0; i < recording.segments().size(); i++) {
      Segment segment = recording.segment(i);
      var decoder = new SegmentDecoder(recording.header().schema(), new RecordedStrings(), segment);
      long length = decoder.recordBytes().remaining();
      assertThat(segment.hasKeyframe()).as("segment %d", i).isEqualTo(keyframe <= records);
      if (segment.hasKeyframe()) {
        keyframe = segment.length() - length;
        records = 0;
      } else {
        without++;
      }
      records += length;
    }
    assertThat(without).isPositive();
    for (long moment = 0; moment < recording.lastMoment(); moment += 19_997) {
      FoldedState live = large.log().oldestState();
      live.advance(large.log(), moment);
      assertThat(recording.player(moment).hash()).isEqualTo(Recording.hash(live));
    }
  }

  @Test
  void stateAtAnyMoment_isThatOfTheLog() throws IOException {
    Recording recording = open();
    recording.check();
    var random = new Random(SEED);
    var moments = new TreeSet<Long>(List.of(0L, log.head()));
    recording
        .segments()
        .forEach(segment ->
            moments.addAll(
                List.of(segment.first() - 1, segment.first(), segment.last() - 1, segment.last())));
    for (int i = 0; i < 60; i++) {
      moments.add((long) random.nextInt((int) log.head() + 1));
    }
    var shuffled = new ArrayList<>(moments);
    java.util.Collections.shuffle(shuffled, random);
    var wanderer = recording.player(0);
    for (long moment : shuffled) {
      String expected = picture(live(moment));
      assertThat(picture(recording.stateAt(moment))).as("moment %d", moment).isEqualTo(expected);
      wanderer.seek(moment);
      assertThat(picture(wanderer.state())).as("wandered to %d", moment).isEqualTo(expected);
      assertThat(wanderer.hash()).isEqualTo(recording.player(moment).hash());
    }
  }

  @Test
  void records_areThoseOfTheLogWithTheirTexts() {
    Player player = open().player(0);
    Cursor cursor = log.cursor(0);
    while (cursor.next()) {
      LogRecord record = Objects.requireNonNull(player.next());
      assertThat(record.sequence()).isEqualTo(cursor.sequence());
      assertThat(record.saysTheSameAs(cursor)).as("record %d", cursor.sequence()).isTrue();
      assertThat(record.text()).isEqualTo(cursor.text());
    }
    assertThat(player.next()).isNull();
  }

  @Test
  void stepsBack_passThroughTheSameStates() {
    Recording recording = open();
    Player player = recording.player(recording.lastMoment());
    int steps = 0;
    while (player.previous()) {
      if (++steps % 997 == 0) {
        assertThat(player.hash()).isEqualTo(recording.player(player.sequence()).hash());
      }
    }
    assertThat(player.sequence()).isZero();
    assertThat(picture(player.state())).isEmpty();
  }

  @Test
  void faultsAndStories_areFoundInBothDirections() {
    List<Long> stories = new ArrayList<>();
    List<Long> faults = new ArrayList<>();
    Cursor cursor = log.cursor(0);
    while (cursor.next()) {
      if (cursor.type() == RecordType.OPERATION) {
        stories.add(cursor.sequence());
      } else if (cursor.type() == RecordType.STEP
          && cursor.step().name().equals("TRAPS")
          && cursor.argument(0) >= 12) {
        faults.add(cursor.sequence());
      }
    }
    assertThat(visited(Player.Mark.STORY)).isEqualTo(stories);
    assertThat(visited(Player.Mark.FAULT)).isEqualTo(faults).isNotEmpty();
    Player player = open().player(log.head());
    for (long expected : faults.reversed()) {
      assertThat(player.seekPrevious(Player.Mark.FAULT)).isTrue();
      assertThat(player.sequence()).isEqualTo(expected);
    }
    assertThat(player.seekPrevious(Player.Mark.FAULT)).isFalse();
  }

  private static List<Long> visited(Player.Mark mark) {
    List<Long> visited = new ArrayList<>();
    Player player = open().player(0);
    while (player.seekNext(mark)) {
      visited.add(player.sequence());
    }
    return visited;
  }

  @Test
  void middle_isOpenedByRangesAlone() throws IOException {
    var read = new long[1];
    ChangeLog longer = RecordedRuns.longRun(SEED, 600, 0).log();
    byte[] recorded = RecordedRuns.record(longer);
    Source whole = Source.of(recorded);
    Source counting =
        new Source() {
          @Override
          public long size() throws IOException {
            return whole.size();
          }

          @Override
          public byte[] read(long offset, int length) throws IOException {
            byte[] part = whole.read(offset, length);
            read[0] += part.length;
            return part;
          }
        };
    Recording.open(counting).stateAt(longer.head() / 2);
    assertThat(read[0]).isLessThan(recorded.length / 2);
  }

  @Test
  void twoRuns_giveTheSameBytes() {
    byte[] again = RecordedRuns.record(RecordedRuns.longRun(SEED, 100, COMMANDS).log());
    assertThat(Arrays.equals(bytes, again)).isTrue();
  }

  @Test
  void logThatHasForgottenItsBeginning_isRecordedFromThere() throws IOException {
    var shortLog = new ChangeLog(16_384);
    var source = log.cursor(0);
    copy(source, shortLog);
    assertThat(shortLog.oldest()).isPositive();
    Recording recording = Recording.open(Source.of(RecordedRuns.record(shortLog)));
    recording.check();
    assertThat(recording.firstMoment()).isEqualTo(shortLog.oldest());
    assertThat(recording.reaches(shortLog.oldest() - 1)).isFalse();
    assertThat(picture(recording.stateAt(shortLog.head()))).isEqualTo(picture(live(log.head())));
  }

  /** Writes the same records into another log, by the writer's own calls. */
  private static void copy(Cursor from, ChangeLog to) {
    while (from.next()) {
      switch (from.type()) {
        case STRING -> to.intern(from.strings().text((int) from.argument(0)));
        case INSERT -> {
          ChangeLog row = to.insert(from.table(), from.key());
          for (int i = 0; i < from.table().width(); i++) {
            row.value(from.value(i));
          }
          row.end();
        }
        case DELETE -> {
          ChangeLog row = to.delete(from.table(), from.key());
          for (int i = 0; i < from.table().width(); i++) {
            row.value(from.value(i));
          }
          row.end();
        }
        case UPDATE -> {
          ChangeLog row = to.update(from.table(), from.key());
          long columns = from.columns();
          for (int nth = 0; columns != 0; nth++, columns &= columns - 1) {
            row.column(
                from.table().columns().get(Long.numberOfTrailingZeros(columns)),
                from.before(nth),
                from.after(nth));
          }
          row.end();
        }
        case OPERATION, STEP, OUTCOME -> to.step(dev.faultline.log.StepKind.COPY_ON_WRITE);
      }
    }
    to.publish();
  }

  @Test
  void segment_neverHasMoreThan64KiB() {
    var longest = "é".repeat(8_000);
    var strings = new ChangeLog(1 << 20);
    for (int i = 0; i < 20; i++) {
      strings.intern(i + longest);
    }
    strings.publish();
    byte[] recorded = RecordedRuns.record(strings);
    try {
      Recording recording = Recording.open(Source.of(recorded));
      for (int i = 0; i < recording.segments().size(); i++) {
        assertThat(recording.segment(i).length()).isLessThanOrEqualTo(64 << 10);
      }
    } catch (IOException exception) {
      throw new AssertionError(exception);
    }
  }

  @Test
  void lines_comeBackAsTheSameRecording() throws IOException {
    var lines = new ByteArrayOutputStream();
    NdJson.write(open(), lines);
    var back = new ByteArrayOutputStream();
    NdJson.read(NdJson.lines(new ByteArrayInputStream(lines.toByteArray())), back::writeBytes);
    Recording imported = Recording.open(Source.of(back.toByteArray()));
    imported.check();
    assertThat(imported.player(log.head()).hash()).isEqualTo(open().player(log.head()).hash());
    assertThat(back.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void currentSchema_readsItsOwnDescription() {
    assertThat(Schema.of(Schema.CURRENT.describe()).describe())
        .isEqualTo(Schema.CURRENT.describe());
    assertThat(new RecordEncoder().putSigned(-1).size()).isEqualTo(1);
  }
}
