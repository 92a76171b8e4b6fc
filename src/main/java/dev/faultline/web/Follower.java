package dev.faultline.web;

import dev.faultline.lab.Laboratory;
import dev.faultline.log.FoldedState;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.web.Encoding.Block;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log for one viewer, on a virtual thread of its own: pulls from the viewer's place and
 * sends what there is, so that a slow viewer gets fewer, larger messages and slows nobody. One that
 * begins where the log does not reach back to reads the recording until it has caught up; one that
 * the log overtakes later gets the state instead, and is told what it missed.
 */
final class Follower {
  /** Somebody who is sent messages. */
  interface Viewer {
    boolean isOpen();

    void send(byte[] message) throws IOException;

    /** Nothing has happened for long: finds out whether the viewer is still there. */
    void beat() throws IOException;

    /** Sends the last message. */
    void leave(byte[] message, Farewell farewell) throws IOException;
  }

  /** How much a viewer that is behind may still get of a laboratory that has ended. */
  private static final int LAST_BLOCKS = 64;

  private final Laboratory laboratory;
  private final Feed feed;
  private final Subscription subscription;
  private final Encoding encoding;
  private final Viewer viewer;
  private final Streams streams;
  private boolean isBehind;
  private History.@Nullable Records recorded;
  private volatile long place;

  Follower(
      Laboratory laboratory,
      Feed feed,
      Subscription subscription,
      Encoding encoding,
      Viewer viewer,
      Streams streams) {
    this.laboratory = laboratory;
    this.feed = feed;
    this.subscription = subscription;
    this.encoding = encoding;
    this.viewer = viewer;
    this.streams = streams;
    place = subscription.after();
    isBehind = place >= 0;
  }

  void run() throws IOException, InterruptedException {
    if (place < 0) {
      begin();
    }
    int last = LAST_BLOCKS;
    while (viewer.isOpen()) {
      boolean ended = laboratory.hasEnded();
      Block block = next();
      if (block != null && (!ended || last-- > 0)) {
        if (block.bytes() != null) {
          viewer.send(block.bytes());
        }
        place = block.last();
        if (!block.isFull() && !ended && !feed.goesOn(place, encoding, subscription.tables())) {
          Thread.sleep(feed.millisToBeat(subscription.gatherMillis()));
        }
      } else if (ended) {
        Farewell farewell = streams.farewell(place);
        viewer.leave(encoding.end(farewell), farewell);
        return;
      } else if (!laboratory.log().await(place, streams.heartbeatMillis())) {
        viewer.beat();
      }
    }
  }

  /** A viewer that has nothing yet is given the state before the last operation, with its story. */
  private void begin() throws IOException {
    FoldedState state = beforeLastOperation();
    viewer.send(encoding.snapshot(state, subscription.tables(), -1));
    place = state.sequence();
  }

  private FoldedState beforeLastOperation() {
    try {
      return laboratory.stateAt(laboratory.lastOperation() - 1);
    } catch (SequenceGoneException exception) {
      return laboratory.stateAt(laboratory.log().head());
    }
  }

  private @Nullable Block next() {
    if (isBehind) {
      Block block = fromRecording();
      if (block != null) {
        return block;
      }
      isBehind = false;
    }
    try {
      return feed.after(place, encoding, subscription.tables());
    } catch (SequenceGoneException exception) {
      FoldedState state = beforeLastOperation();
      byte[] snapshot = encoding.snapshot(state, subscription.tables(), place);
      return new Block(state.sequence(), snapshot, true);
    }
  }

  /** The next records where only the recording has them; null from where the log has them. */
  private @Nullable Block fromRecording() {
    while (place < laboratory.log().oldest() && place >= laboratory.firstMoment()) {
      History.Records records = recorded;
      boolean isNew = records == null;
      if (records == null) {
        try {
          records = History.of(laboratory).after(place);
        } catch (SequenceGoneException exception) {
          return null;
        }
        recorded = records;
      }
      Block block = encoding.records(place, records, subscription.tables());
      if (block.last() > place) {
        return new Block(block.last(), block.bytes(), true);
      }
      recorded = null; // its end as it was when it was opened
      if (isNew) {
        return null;
      }
    }
    return null;
  }

  /** How many records the viewer has still to be sent. */
  long lag() {
    return laboratory.log().head() - Math.max(place, 0);
  }
}
