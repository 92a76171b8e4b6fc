package dev.faultline.kernel.process;

import dev.faultline.log.Signal;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The timers that a process has: the three of {@code setitimer}, and those of {@code timer_create}.
 * Some count the time of the machine, others the time that the process itself has on a hart.
 */
public final class ProcessTimers {
  /** One of {@code timer_create}, and the timers of its clock. */
  public record Created(SignalTimer timer, boolean countsOwnTime) {}

  private final SignalTimer alarm;
  private final SignalTimer virtualAlarm;
  private final SignalTimer profiling;
  private final Timers ofOwnTime = new Timers();
  private final NavigableMap<Integer, Created> byNumber = new TreeMap<>();
  private int next;

  ProcessTimers(Process process, SignalSender signals) {
    alarm = timer(process, signals, Signal.SIGALRM);
    virtualAlarm = timer(process, signals, Signal.SIGVTALRM);
    profiling = timer(process, signals, Signal.SIGPROF);
  }

  private static SignalTimer timer(Process process, SignalSender signals, Signal signal) {
    var info = new Siginfo(signal.number(), Siginfo.SI_KERNEL, 0, 0);
    return new SignalTimer(process, signals, info, null, false, false);
  }

  /** {@code ITIMER_REAL}. */
  public SignalTimer alarm() {
    return alarm;
  }

  /** {@code ITIMER_VIRTUAL}. */
  public SignalTimer virtualAlarm() {
    return virtualAlarm;
  }

  /** {@code ITIMER_PROF}: all time of a process is its user's. */
  public SignalTimer profiling() {
    return profiling;
  }

  /** Those whose clock is the time that the process has had on harts. */
  public Timers ofOwnTime() {
    return ofOwnTime;
  }

  /** How many there are of {@code timer_create}. */
  public int count() {
    return byNumber.size();
  }

  /** The number that the next one gets. */
  public int nextNumber() {
    return next;
  }

  public void add(Created timer) {
    byNumber.put(next++, timer);
  }

  public @Nullable Created find(int number) {
    return byNumber.get(number);
  }

  public void remove(int number) {
    byNumber.remove(number);
  }

  /** A new program has none of those of {@code timer_create}, and keeps the other three. */
  void removeAll(Timers timers) {
    for (Created created : byNumber.values()) {
      (created.countsOwnTime ? ofOwnTime : timers).set(created.timer, 0, 0);
    }
    byNumber.clear();
  }
}
