package dev.faultline.kernel.process;

import java.util.ArrayList;
import java.util.List;

/**
 * Timers of one clock ({@code kernel/time/itimer.c}, {@code posix-timers.c}, {@code fs/timerfd.c}).
 * They are looked at between turns, and a turn ends where the next of them does, so that each comes
 * at its very nanosecond.
 */
public final class Timers {
  /** A timer, and what its expiring does. */
  public abstract static class Timer {
    private long expiry;
    private long interval;

    /** When it expires next; 0 when it does not. */
    public final long expiry() {
      return expiry;
    }

    /** How long after each time it expires again; 0 for once. */
    public final long interval() {
      return interval;
    }

    /** It has expired so many times at once. */
    abstract void expired(int times);

    /** Whether somebody may go on when it expires. */
    abstract boolean matters();

    /** It is set anew. */
    void reset() {}
  }

  private final List<Timer> armed = new ArrayList<>();

  /**
   * Sets a timer anew.
   *
   * @param expiry in nanoseconds of the clock; 0 to disarm it
   */
  public void set(Timer timer, long expiry, long interval) {
    armed.remove(timer);
    timer.expiry = expiry;
    timer.interval = interval;
    timer.reset();
    if (expiry != 0) {
      armed.add(timer);
    }
  }

  /** What is due happens. */
  public void expire(long now) {
    if (next() > now) {
      return;
    }
    for (Timer timer : List.copyOf(armed)) {
      if (timer.expiry != 0 && timer.expiry <= now) {
        expire(timer, now);
      }
    }
  }

  private void expire(Timer timer, long now) {
    int times = 1;
    if (timer.interval == 0) {
      timer.expiry = 0;
      armed.remove(timer);
    } else {
      times += (int) Math.min((now - timer.expiry) / timer.interval, Integer.MAX_VALUE / 2);
      timer.expiry += times * timer.interval;
    }
    timer.expired(times);
  }

  /** When the next one is due. */
  public long next() {
    long next = Wait.NO_DEADLINE;
    for (Timer timer : armed) {
      next = Math.min(next, timer.expiry);
    }
    return next;
  }

  /** When the next one is due that may wake somebody. */
  public long nextThatMatters() {
    long next = Wait.NO_DEADLINE;
    for (Timer timer : armed) {
      if (timer.matters()) {
        next = Math.min(next, timer.expiry);
      }
    }
    return next;
  }
}
