package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.recording.Recording;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.RollingFile;
import dev.faultline.recording.Room;
import dev.faultline.recording.SegmentHashes;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one laboratory's recording: a reader of its log with a thread of its own, so commands do
 * not wait for it, unless it is so far behind that the log would soon drop what it has not read.
 *
 * <p>A recording can be made again from the commands. It is therefore written anew whenever a
 * laboratory is rebuilt, into another file that takes the old one's place at the end; meanwhile the
 * old one's hashes prove that the laboratory has become what it was.
 *
 * <p>Where it cannot be written (the disk is full, or the directory has as much as it may have) the
 * laboratory goes on without it. What is not written waits in the log and is tried again every few
 * seconds; what the log drops meanwhile is missing, and the recording goes on after it, at a
 * keyframe. Commands wait too, as long as they are few: without one of them the others make no
 * branch, so all of them go.
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final long HEARTBEAT_MILLIS = 60_000;

  /** Records that may be unread when a command begins, where the log holds so many. */
  private static final long MOST_BEHIND = 1 << 16;

  private static final long RETRY_MILLIS = 2_000;

  /** Bytes of commands that may wait for room. */
  private static final long MOST_WAITING = 16 << 20;

  /** How exactly the age of what is recorded is known: that part of its bound. */
  private static final int AGES = 24;

  /** All up to {@code moment} is older than {@code since}. */
  private record Age(Instant since, long moment) {}

  private record Caused(long sequence, byte[] command) {}

  private final String lab;
  private final ChangeLog log;
  private final RollingFile file;
  private final Queue<Caused> commands = new ArrayDeque<>();
  private final long mostBehind;
  private final @Nullable SegmentHashes former;
  private Cursor cursor;
  private volatile long recordedTo;
  private @Nullable Recording opened;
  private final Deque<Age> ages = new ArrayDeque<>();
  private final Duration longest;
  private long waiting;
  private boolean hasLostCommands;
  private volatile @Nullable String stopped;
  private long stoppedAt;
  private volatile boolean isStarted;
  private boolean isClosed;

  /** Whether the record that the cursor stands at is still to be written. */
  private boolean isUnwritten;

  /**
   * @param path where it is written; a file that is there must be gone
   * @param room for what it grows by once it has started; before, it makes anew what is there
   * @param former the hashes of an earlier recording of the same laboratory
   */
  Recorder(
      String lab,
      ChangeLog log,
      Path path,
      RecordingHeader header,
      Limits limits,
      Room room,
      @Nullable SegmentHashes former) {
    this.lab = lab;
    this.log = log;
    this.former = former;
    longest = Duration.ofHours(limits.recordingHours());
    mostBehind = Math.min(MOST_BEHIND, limits.logWords() / 64);
    FoldedState state = log.oldestState();
    cursor = log.cursor(state.sequence());
    try {
      file =
          new RollingFile(
              path,
              header,
              state,
              limits.recordingBytes(),
              bytes -> {
                if (isStarted) {
                  room.take(bytes);
                }
              });
    } catch (IOException exception) {
      throw new StorageException("the recording cannot be kept in " + path, exception);
    }
  }

  void start() {
    isStarted = true;
    Thread.ofVirtual().name("recorder-" + lab).start(this::follow);
  }

  private void follow() {
    try {
      while (!log.isClosed()) {
        catchUp();
        age(Instant.now());
        if (stopped == null) {
          log.await(recordedTo, HEARTBEAT_MILLIS);
        } else {
          Thread.sleep(RETRY_MILLIS);
        }
      }
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    }
  }

  /** A command, before what it causes is published. */
  synchronized void command(long sequence, byte[] command) {
    commands.add(new Caused(sequence, command));
    waiting += command.length;
    if (stopped != null && waiting > MOST_WAITING) {
      hasLostCommands = true;
    }
    if (hasLostCommands) {
      commands.clear();
      waiting = 0;
    }
  }

  /** Waits, before a command, until the log could hold what it causes besides what is unread. */
  void keepUp() {
    if (log.head() - recordedTo > mostBehind) {
      catchUp();
    }
  }

  /** Takes in what has been published, unless that has failed a moment ago. */
  synchronized void catchUp() {
    if (stopped == null || System.nanoTime() - stoppedAt > RETRY_MILLIS * 1_000_000) {
      tryToCatchUp();
    }
  }

  private void tryToCatchUp() {
    if (isClosed) {
      return;
    }
    try {
      if (hasLostCommands) {
        file.dropCommands();
      }
      take();
      if (stopped != null) {
        LOG.info("laboratory {} is recorded again", lab);
        stopped = null;
      }
    } catch (IOException | LimitException exception) {
      if (stopped == null) {
        LOG.warn("laboratory {} is not recorded for now: {}", lab, exception.getMessage());
      }
      stopped = String.valueOf(exception.getMessage());
      stoppedAt = System.nanoTime();
    }
  }

  private void take() throws IOException {
    try {
      while (isUnwritten || cursor.next()) {
        isUnwritten = true;
        while (!commands.isEmpty() && commands.element().sequence <= cursor.sequence()) {
          file.command(commands.element().sequence, commands.element().command);
          waiting -= commands.remove().command.length;
        }
        file.record(cursor);
        isUnwritten = false;
        check(cursor.sequence());
      }
    } catch (SequenceGoneException overtaken) {
      // One command has caused more than the log holds: the recording goes on after the gap.
      FoldedState state = log.oldestState();
      file.skipTo(state);
      cursor = log.cursor(state.sequence());
      isUnwritten = false;
      recordedTo = state.sequence();
      take();
    }
  }

  private void check(long sequence) {
    if (former != null && former.contradict(file.writer())) {
      throw new RepeatException(
          "the commands of %s do not lead to the recorded state at record %d"
              .formatted(lab, sequence));
    }
    recordedTo = sequence;
  }

  /** A laboratory that is rebuilt from its commands does not become what it was. */
  static final class RepeatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RepeatException(String message) {
      super(message);
    }
  }

  /** The recording up to the log's head, as a file that would end here. */
  synchronized Source snapshot() {
    tryToCatchUp();
    return file.snapshot();
  }

  /** The same, opened. */
  synchronized Recording recording() {
    tryToCatchUp();
    Recording recording = opened;
    if (recording == null || recording.lastMoment() != recordedTo) {
      try {
        recording = Recording.open(file.snapshot());
      } catch (IOException exception) {
        throw new StorageException("the recording of " + lab + " cannot be read", exception);
      }
      opened = recording;
    }
    return recording;
  }

  /** Why nothing can be written for now; null while it is. */
  @Nullable String stopped() {
    return stopped;
  }

  /**
   * Drops what has been recorded for longer than it may be.
   *
   * @param now the time; what is recorded by now is as old as that
   */
  synchronized void age(Instant now) {
    if (longest.isZero() || isClosed) {
      return;
    }
    if (ages.isEmpty() || !ages.getLast().since.plus(longest.dividedBy(AGES)).isAfter(now)) {
      ages.add(new Age(now, recordedTo));
    }
    try {
      while (!ages.isEmpty() && !ages.getFirst().since.plus(longest).isAfter(now)) {
        file.dropBefore(ages.getFirst().moment);
        opened = null;
        ages.removeFirst();
      }
    } catch (IOException exception) {
      LOG.warn("the old part of the recording of {} cannot be dropped", lab, exception);
    }
  }

  /** The first moment that the recording reaches back to. */
  synchronized long firstMoment() {
    return file.firstMoment();
  }

  /** The last moment that is recorded. */
  long recordedTo() {
    return recordedTo;
  }

  /**
   * Takes the place of the recording that was there before, unless it could not be written: then
   * that one stays until the next start. It is as old as its file.
   *
   * @param reached the first moment of that one: what has been dropped once stays away
   */
  synchronized void replace(Path written, Path place, long reached) {
    if (stopped != null) {
      return;
    }
    try {
      if (!longest.isZero() && Files.exists(place)) {
        file.dropBefore(reached);
        ages.add(new Age(Files.getLastModifiedTime(place).toInstant(), recordedTo));
      }
      Files.move(written, place, StandardCopyOption.REPLACE_EXISTING);
      file.movedTo(place);
    } catch (IOException exception) {
      throw new StorageException(place + " cannot be replaced", exception);
    }
  }

  long bytes() {
    return file.bytes();
  }

  /** Writes what is left and the index. */
  synchronized void close() {
    if (isClosed) {
      return;
    }
    try {
      isStarted = false; // the end is short, and nobody could make room for it any more
      tryToCatchUp();
      if (stopped == null) {
        file.finish();
      }
    } catch (IOException exception) {
      throw new StorageException("the recording of " + lab + " cannot be ended", exception);
    } finally {
      isClosed = true;
      try {
        file.close();
      } catch (IOException exception) {
        LOG.warn("the recording of {} could not be closed", lab, exception);
      }
    }
  }
}
