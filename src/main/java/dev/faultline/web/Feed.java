package dev.faultline.web;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.SequenceGoneException;
import dev.faultline.web.Encoding.Block;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the viewers of one laboratory share: the blocks that were encoded last. Viewers at the same
 * place get the same bytes, whoever comes first encodes them. As blocks end at fixed numbers too,
 * viewers that are apart come to the same places after one block.
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
