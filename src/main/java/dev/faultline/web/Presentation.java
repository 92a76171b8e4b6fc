package dev.faultline.web;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What somebody shows to those who follow: a moment of a laboratory and what is selected there.
 * Followers wait for the next place on threads of their own, and one that is slow skips places.
 */
final class Presentation {
  /**
   * @param at the record, null for the newest, whatever comes
   * @param pid whose translation is shown, 0 for nobody's
   * @param item what is selected, as in a page's address, null for nothing
   * @param by who presents: a name or whatever tells one presenter from another
   */
  record Place(@Nullable Long at, int pid, long address, @Nullable String item, String by) {}

  /**
   * @param version grows with every place; the first is 0
   */
  record Shown(long version, @Nullable Place place, int watching) {
    Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("presenting", place != null);
      if (place != null) {
        json.put("at", place.at());
        json.put("pid", place.pid());
        json.put("address", Numbers.hex(place.address()));
        json.put("item", place.item());
        json.put("by", place.by());
      }
      json.put("watching", watching);
      return json;
    }
  }

  private long version;
  private @Nullable Place place;
  private int watching;

  /** How many connections each of those that could present has. */
  private final Map<String, Integer> connections = new HashMap<>();

  synchronized Shown now() {
    return new Shown(version, place, watching);
  }

  /** Shows another place; null ends it. */
  synchronized Shown show(@Nullable Place next) {
    place = next;
    version++;
    notifyAll();
    return now();
  }

  /** What is shown after a version, or what is shown still when so much time has passed. */
  synchronized Shown await(long seen, long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = millis; version == seen && left > 0; ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
    return now();
  }

  /**
   * @param by who watches, as in {@link Place#by}; empty for somebody who does not say
   */
  synchronized void join(String by) {
    watching++;
    connections.merge(by, 1, Integer::sum);
  }

  /** What the last connection of a presenter leaves behind is shown no longer. */
  synchronized void leave(String by) {
    watching--;
    boolean isLast = connections.merge(by, -1, Integer::sum) == 0;
    if (isLast) {
      connections.remove(by);
    }
    if (isLast && !by.isEmpty() && place != null && place.by().equals(by)) {
      show(null);
    }
  }
}
