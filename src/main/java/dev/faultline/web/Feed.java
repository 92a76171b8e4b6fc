package dev.faultline.web;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.web.Encoding.Block;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the viewers of one laboratory share: the blocks that were encoded last. Viewers at the same
 * place get the same bytes, whoever comes first encodes them.
 *
 * <p>Two things bring viewers to the same places, whenever they came. Blocks end at fixed numbers
 * too, so that those who are far behind meet there. And those who have come to the end wait for the
 * next beat, which is the same moment for all who gather equally long; who wakes late takes the
 * block that the others had.
 */
final class Feed {
  private static final int KEPT = 16;

  private record Place(Encoding encoding, long tables, long after) {}

  private final ChangeLog log;
  private final Map<Place, Block> blocks =
      new LinkedHashMap<>(KEPT * 2, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Block> eldest) {
          return size() > KEPT;
        }
      };
  private final long start = System.nanoTime();
  private int viewers = 1;
  private long encoded;

  Feed(ChangeLog log) {
    this.log = log;
  }

  /**
   * The records after a moment; null when there are none yet.
   *
   * @throws SequenceGoneException when the log no longer reaches back to them
   */
  synchronized @Nullable Block after(long moment, Encoding encoding, long tables) {
    var place = new Place(encoding, tables, moment);
    Block block = blocks.get(place);
    if (block == null && log.head() > moment) {
      block = encoding.records(moment, History.Records.of(log.cursor(moment)), tables);
      blocks.put(place, block);
      encoded++;
    }
    return block;
  }

  /** Whether others have had what comes after a moment already. */
  synchronized boolean goesOn(long moment, Encoding encoding, long tables) {
    return blocks.containsKey(new Place(encoding, tables, moment));
  }

  /** How long it is until the next beat of those who gather for so long. */
  long millisToBeat(long gatherMillis) {
    long past = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    return gatherMillis - past % gatherMillis;
  }

  /** How many blocks were encoded, for however many viewers. */
  synchronized long encoded() {
    return encoded;
  }

  void join() {
    viewers++;
  }

  /** Whether somebody is still there after one has left. */
  boolean leave() {
    return --viewers > 0;
  }
}
