package dev.faultline.kernel.process;

import dev.faultline.log.Signal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signals that wait to be delivered ({@code struct sigpending}), to a thread or to any thread of a
 * process. The first 31 wait once, however often they are sent; those after them queue.
 */
public final class PendingSignals {
  private static final int FIRST_QUEUED = 32;

  /** {@code RLIMIT_SIGPENDING}. */
  private static final int MOST_QUEUED = 4096;

  private final List<Siginfo> waiting = new ArrayList<>();
  private long set;

  /** Which wait. */
  public long set() {
    return set;
  }

  boolean has(Signal signal) {
    return (set & SignalActions.bit(signal)) != 0;
  }

  /** One more waits; false when the queue is full. */
  boolean add(Siginfo info) {
    boolean isPending = (set & SignalActions.bit(info.number())) != 0;
    if (isPending && info.number() < FIRST_QUEUED) {
      return true;
    }
    if (waiting.size() >= MOST_QUEUED) {
      return false;
    }
    waiting.add(info);
    set |= SignalActions.bit(info.number());
    return true;
  }

  /** Takes the first of the lowest number in a set; null for none. */
  @Nullable Siginfo take(long wanted) {
    long found = set & wanted;
    if (found == 0) {
      return null;
    }
    int number = Long.numberOfTrailingZeros(found) + 1;
    Siginfo taken = null;
    boolean isMore = false;
    for (Siginfo info : waiting) {
      if (info.number() == number) {
        isMore = taken != null;
        taken = taken == null ? info : taken;
        if (isMore) {
          break;
        }
      }
    }
    waiting.remove(taken);
    if (!isMore) {
      set &= ~SignalActions.bit(number);
    }
    return taken;
  }

  /** Nobody waits for these any more. */
  void remove(long gone) {
    set &= ~gone;
    waiting.removeIf(info -> (gone & SignalActions.bit(info.number())) != 0);
  }
}
