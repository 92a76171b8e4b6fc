package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import java.util.Locale;

/** How it is decided which page leaves memory; the order is that of the log's {@code EVICTION}. */
public enum ReclaimPolicy {
  /** Two lists, active and inactive, as Linux has them. */
  LRU,
  /** A hand that goes round and gives second chances. */
  CLOCK,
  /** First in, first out. */
  FIFO,
  /** By chance, from the laboratory's seed. */
  RANDOM;

  EvictionOrder order(long seed, ChangeLog log) {
    return switch (this) {
      case LRU -> new TwoLists(log);
      case CLOCK -> new Clock();
      case FIFO -> new Fifo();
      case RANDOM -> new RandomOrder(seed);
    };
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
