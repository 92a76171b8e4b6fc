package dev.faultline.kernel.process;

import dev.faultline.log.Signal;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The timers that a process has: the one of {@code setitimer}, and those of {@code timer_create}.
 */
public final class ProcessTimers {
  private final Timers.Timer alarm;
  private final NavigableMap<Integer, Timers.Timer> byNumber = new TreeMap<>();
  private int next;

  ProcessTimers(Process process) {
    int number = Signal.SIGALRM.number();
    var info = new Siginfo(number, Siginfo.SI_KERNEL, 0, 0);
    alarm = new Timers.Timer(process, info, null, false, false);
  }

  /** {@code ITIMER_REAL}. */
  public Timers.Timer alarm() {
    return alarm;
  }

  /** How many there are besides the alarm. */
  public int count() {
    return byNumber.size();
  }

  /** The number that the next one gets. */
  public int nextNumber() {
    return next;
  }

  public void add(Timers.Timer timer) {
    byNumber.put(next++, timer);
  }

  public Timers.@Nullable Timer find(int number) {
    return byNumber.get(number);
  }

  public void remove(int number) {
    byNumber.remove(number);
  }

  /** A new program has none of those of {@code timer_create}, and keeps the alarm. */
  void removeAll(Timers timers) {
    byNumber.values().forEach(timer -> timers.set(timer, 0, 0));
    byNumber.clear();
  }
}
