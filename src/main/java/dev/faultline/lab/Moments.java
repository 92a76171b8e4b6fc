package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.FoldedState;
import dev.faultline.log.SequenceGoneException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The states of one laboratory at any moment that its log or its recording reaches back to. One
 * state is kept and moved on with the head, since that is asked for most.
 */
final class Moments {
  private final ChangeLog log;
  private final @Nullable Recorder recorder;
  private final Object lock = new Object();
  private FoldedState folded;

  Moments(ChangeLog log, @Nullable Recorder recorder) {
    this.log = log;
    this.recorder = recorder;
    folded = log.oldestState();
  }

  /** The first moment there is. */
  long first() {
    long oldest = log.oldest();
    return recorder == null ? oldest : Math.min(oldest, recorder.firstMoment());
  }

  /** What to tell those who want a moment before the first. */
  SequenceGoneException gone(long moment) {
    return new SequenceGoneException(moment, first());
  }

  /** Asks something of the state at the head, which must not be changed or kept. */
  <T> T askHead(Function<FoldedState, T> question) {
    synchronized (lock) {
      foldToHead();
      return question.apply(folded);
    }
  }

  /**
   * The state right after the record with this sequence number.
   *
   * @throws SequenceGoneException when there is none any more
   */
  FoldedState at(long sequence) {
    while (true) {
      if (sequence < log.oldest() && recorder != null && recorder.recording().reaches(sequence)) {
        return recorder.recording().stateAt(sequence);
      }
      FoldedState state = startFor(sequence);
      try {
        state.advance(log, sequence);
        return state;
      } catch (SequenceGoneException overtaken) {
        // The log dropped what comes next between the two lines above: there is a later start now.
      }
    }
  }

  /** A state at or before a moment from which the log still goes on. */
  private FoldedState startFor(long sequence) {
    FoldedState state;
    synchronized (lock) {
      if (sequence >= log.head()) {
        foldToHead();
      }
      state = folded.sequence() <= sequence ? folded.copy() : null;
    }
    if (state == null || state.sequence() < log.oldest()) {
      state = log.oldestState();
      if (state.sequence() > sequence) {
        throw gone(sequence);
      }
    }
    return state;
  }

  /** Where the log has dropped what comes next, the kept state starts over from there. */
  private void foldToHead() {
    if (folded.sequence() < log.oldest()) {
      folded = log.oldestState();
    }
    folded.advance(log, log.head());
  }
}
