package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.recording.Recording;
import dev.faultline.recording.RecordingHeader;
import dev.faultline.recording.RollingFile;
import dev.faultline.recording.SegmentHashes;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
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
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final long HEARTBEAT_MILLIS = 60_000;

  /** Records that may be unread when a command begins, where the log holds so many. */
  private static final long MOST_BEHIND = 1 << 16;

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
  private boolean hasFailed;
  private boolean isClosed;

  /**
   * @param path where it is written; a file that is there must be gone
   * @param former the hashes of an earlier recording of the same laboratory
   */
  Recorder(
      String lab,
      ChangeLog log,
      Path path,
      RecordingHeader header,
      Limits limits,
      @Nullable SegmentHashes former) {
    this.lab = lab;
    this.log = log;
    this.former = former;
    mostBehind = Math.min(MOST_BEHIND, limits.logWords() / 64);
    FoldedState state = log.oldestState();
    cursor = log.cursor(state.sequence());
    try {
      file = new RollingFile(path, header, state, limits.recordingBytes());
    } catch (IOException exception) {
      throw new StorageException("the recording cannot be kept in " + path, exception);
    }
  }

  void start() {
    Thread.ofVirtual().name("recorder-" + lab).start(this::follow);
  }

  private void follow() {
    try {
      while (!log.isClosed()) {
        catchUp();
        log.await(recordedTo, HEARTBEAT_MILLIS);
      }
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    } catch (StorageException exception) {
      LOG.warn("laboratory {} is no longer recorded: {}", lab, exception.getMessage());
    }
  }

  /** A command, before what it causes is published. */
  synchronized void command(long sequence, byte[] command) {
    if (!hasFailed) {
      commands.add(new Caused(sequence, command));
    }
  }

  /** Waits, before a command, until the log could hold what it causes besides what is unread. */
  void keepUp() {
    if (log.head() - recordedTo > mostBehind) {
      catchUp();
    }
  }

  /** Takes in what has been published. */
  synchronized void catchUp() {
    if (hasFailed || isClosed) {
      return;
    }
    try {
      take();
    } catch (IOException exception) {
      hasFailed = true;
      commands.clear();
      throw new StorageException("the recording of " + lab + " cannot be written", exception);
    }
  }

  private void take() throws IOException {
    try {
      while (cursor.next()) {
        while (!commands.isEmpty() && commands.element().sequence <= cursor.sequence()) {
          Caused caused = commands.remove();
          file.command(caused.sequence, caused.command);
        }
        file.record(cursor);
        check(cursor.sequence());
      }
    } catch (SequenceGoneException overtaken) {
      // One command has caused more than the log holds: the recording goes on after the gap.
      FoldedState state = log.oldestState();
      file.skipTo(state);
      cursor = log.cursor(state.sequence());
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
    catchUp();
    return file.snapshot();
  }

  /** The same, opened. */
  synchronized Recording recording() {
    catchUp();
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

  /** False when the recording could not be written. */
  synchronized boolean isRecording() {
    return !hasFailed;
  }

  /** The first moment that the recording reaches back to. */
  synchronized long firstMoment() {
    return file.firstMoment();
  }

  /** The last moment that is recorded. */
  long recordedTo() {
    return recordedTo;
  }

  /** Takes the place of the recording that was there before. */
  synchronized void replace(Path written, Path place) {
    try {
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
      catchUp();
      if (!hasFailed) {
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
