package dev.faultline.lab;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes a directory has, counted while its files grow, so that nobody has to look at all
 * of them. Each laboratory or recording has a count of its own, which goes with it: what was
 * counted wrong cannot add up.
 */
final class Usage {
  private final AtomicLong total = new AtomicLong();
  private final ConcurrentMap<Path, Long> counts = new ConcurrentHashMap<>();

  /** The bytes of all of them, and what is reserved. */
  long total() {
    return total.get();
  }

  /**
   * So many bytes are written to a place, or fewer than 0 are gone.
   *
   * @return false when there would be more than {@code most}: then they are not counted
   */
  boolean grow(Path place, long bytes, long most) {
    boolean hasRoom = reserve(bytes, most);
    if (hasRoom) {
      counts.merge(place, bytes, Long::sum);
    }
    return hasRoom;
  }

  /** A place has so many bytes, however many were counted. */
  void set(Path place, long bytes) {
    Long counted = counts.put(place, bytes);
    total.addAndGet(bytes - (counted == null ? 0 : counted));
  }

  void forget(Path place) {
    Long counted = counts.remove(place);
    total.addAndGet(counted == null ? 0 : -counted);
  }

  /** Takes room for what is not written yet; false when there would be more than {@code most}. */
  boolean reserve(long bytes, long most) {
    if (total.addAndGet(bytes) > most && bytes > 0) {
      total.addAndGet(-bytes);
      return false;
    }
    return true;
  }
}
