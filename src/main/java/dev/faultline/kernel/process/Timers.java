package dev.faultline.kernel.process;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Timers that send signals ({@code kernel/time/itimer.c}, {@code posix-timers.c}). They are looked
 * at between turns, and a turn ends where the next of them does, so that each comes at its very
 * nanosecond.
 */
public final class Timers {
  /** A timer of a process. */
  public static final class Timer {
    private final Process process;
    private final Siginfo info;
    private final @Nullable Task receiver;
    private final boolean isSilent;
    private final boolean isRealTime;
    private long expiry;
    private long interval;
    private int overrun;

    /**
     * @param receiver the only thread that is sent the signal, or null
     * @param isSilent whether nothing is sent (SIGEV_NONE)
     */
    public Timer(
        Process process,
        Siginfo info,
        @Nullable Task receiver,
        boolean isSilent,
        boolean isRealTime) {
      this.process = process;
      this.info = info;
      this.receiver = receiver;
      this.isSilent = isSilent;
      this.isRealTime = isRealTime;
    }

    /** Whether its clock counts from 1970. */
    public boolean isRealTime() {
      return isRealTime;
    }

    /** When it expires next; 0 when it does not. */
    public long expiry() {
      return expiry;
    }

    /** How long after each time it expires again; 0 for once. */
    public long interval() {
      return interval;
    }

    /** How often it has expired since its signal was sent. */
    public int overrun() {
      return overrun;
    }

    private PendingSignals pending() {
      return receiver == null ? process.pending() : receiver.signals().pending();
    }

    private boolean isPending() {
      return (pending().set() & SignalActions.bit(info.number())) != 0;
    }

    /** Whether somebody may go on when it expires. */
    private boolean matters() {
      Task target = receiver == null ? process.leader() : receiver;
      boolean isIgnored =
          process.actions().ignores(info.number()) && !target.signals().blocks(info.number());
      return !isSilent && !isIgnored && !isPending();
    }
  }

  private final SignalSender signals;
  private final List<Timer> armed = new ArrayList<>();

  public Timers(SignalSender signals) {
    this.signals = signals;
  }

  /**
   * Sets a timer anew.
   *
   * @param expiry in nanoseconds since the machine was started; 0 to disarm it
   */
  public void set(Timer timer, long expiry, long interval) {
    armed.remove(timer);
    timer.expiry = expiry;
    timer.interval = interval;
    timer.overrun = 0;
    if (expiry != 0) {
      armed.add(timer);
    }
  }

  /** What is due is sent. */
  public void expire(long now) {
    if (next() > now) {
      return;
    }
    for (Timer timer : List.copyOf(armed)) {
      if (timer.expiry <= now) {
        expire(timer, now);
      }
    }
  }

  private void expire(Timer timer, long now) {
    if (!timer.process.isAlive()) {
      armed.remove(timer);
      return;
    }
    int times = 1;
    if (timer.interval == 0) {
      timer.expiry = 0;
      armed.remove(timer);
    } else {
      times += (int) Math.min((now - timer.expiry) / timer.interval, Integer.MAX_VALUE / 2);
      timer.expiry += times * timer.interval;
    }
    if (timer.isSilent) {
      return;
    }
    if (timer.isPending()) {
      timer.overrun = Math.min(timer.overrun + times, Integer.MAX_VALUE / 2);
      return;
    }
    timer.overrun = times - 1;
    if (timer.receiver == null) {
      signals.send(timer.process, timer.info);
    } else {
      signals.send(timer.receiver, timer.info);
    }
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
      if (timer.process.isAlive() && timer.matters()) {
        next = Math.min(next, timer.expiry);
      }
    }
    return next;
  }
}
