package dev.faultline.web;

import dev.faultline.kernel.fs.Console;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.LimitException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** All viewers of all laboratories: who follows what, and how a stream ends. */
@Component
final class Streams {
  /** A laboratory that ends wakes nobody who waits for a program's words. */
  private static final long SILENCE_MILLIS = 1_000;

  private final int most;
  private final long heartbeatMillis;
  private final boolean areLabsKept;
  private final Map<String, Feed> feeds = new ConcurrentHashMap<>();
  private final Set<Follower> followers = Collections.newSetFromMap(new ConcurrentHashMap<>());

  /** Places of viewers, with those who read what a program writes. */
  private final AtomicInteger taken = new AtomicInteger();

  private volatile boolean stopping;

  /**
   * @param most viewers at once
   * @param heartbeat how long a stream may be silent
   * @param data where laboratories are kept, blank when they end with the server
   */
  Streams(
      @Value("${faultline.viewers:10000}") int most,
      @Value("${faultline.heartbeat:15s}") Duration heartbeat,
      @Value("${faultline.data:}") String data) {
    this.most = most;
    heartbeatMillis = heartbeat.toMillis();
    areLabsKept = !data.isBlank();
  }

  /** A place among all viewers, which is given back when it is closed. */
  @FunctionalInterface
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes a place, before anything is answered.
   *
   * @throws LimitException when there are as many viewers as there may be
   */
  Place takePlace() {
    if (taken.incrementAndGet() > most) {
      taken.decrementAndGet();
      throw new LimitException(
          "viewers", most, "there are " + most + " viewers, which is the most");
    }
    return taken::decrementAndGet;
  }

  /**
   * Sends a viewer, who has a place, what it asked for until it leaves or there is nothing more to
   * come.
   */
  void follow(
      Laboratory laboratory, Subscription subscription, Encoding encoding, Follower.Viewer viewer)
      throws IOException, InterruptedException {
    Feed feed =
        Objects.requireNonNull(
            feeds.compute(
                laboratory.id(),
                (id, shared) -> {
                  if (shared == null) {
                    return new Feed(laboratory.log());
                  }
                  shared.join();
                  return shared;
                }));
    var follower = new Follower(laboratory, feed, subscription, encoding, viewer, this);
    followers.add(follower);
    try {
      follower.run();
    } finally {
      followers.remove(follower);
      feeds.computeIfPresent(laboratory.id(), (id, shared) -> shared.leave() ? shared : null);
    }
  }

  /** Sends what a program writes as it comes to who has a place, until nobody writes any more. */
  void follow(Laboratory laboratory, Console.Output output, OutputStream client)
      throws IOException, InterruptedException {
    client.flush(); // the client learns at once that it is connected
    long sent = 0;
    boolean goesOn = true;
    while (goesOn) {
      goesOn = !output.hasEnded() && !laboratory.hasEnded();
      Console.Output.Part part = output.after(sent);
      if (part.end() > sent) {
        client.write(part.bytes());
        client.flush();
        sent = part.end();
      } else if (goesOn) {
        output.await(sent, SILENCE_MILLIS);
      }
    }
  }

  /** After so much silence a viewer is asked whether it is still there. */
  long heartbeatMillis() {
    return heartbeatMillis;
  }

  /** From now on a stream's end is the server's, not the laboratory's. */
  void stop() {
    stopping = true;
  }

  Farewell farewell(long at) {
    return stopping && areLabsKept ? Farewell.stopping(at) : Farewell.ended(at);
  }

  /** Those who follow something. */
  Collection<Follower> followers() {
    return Collections.unmodifiableSet(followers);
  }

  /** What the viewers of a laboratory share, null when it has none. */
  @Nullable Feed feed(String lab) {
    return feeds.get(lab);
  }
}
