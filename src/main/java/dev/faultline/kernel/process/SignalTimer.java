package dev.faultline.kernel.process;

import org.jspecify.annotations.Nullable;

/** A timer of a process that sends a signal. */
public final class SignalTimer extends Timers.Timer {
  private final Process process;
  private final SignalSender signals;
  private final Siginfo info;
  private final @Nullable Task receiver;
  private final boolean isSilent;
  private final boolean isRealTime;
  private int overrun;

  /**
   * @param receiver the only thread that is sent the signal, or null
   * @param isSilent whether nothing is sent (SIGEV_NONE)
   * @param isRealTime whether its clock counts from 1970
   */
  public SignalTimer(
      Process process,
      SignalSender signals,
      Siginfo info,
      @Nullable Task receiver,
      boolean isSilent,
      boolean isRealTime) {
    this.process = process;
    this.signals = signals;
    this.info = info;
    this.receiver = receiver;
    this.isSilent = isSilent;
    this.isRealTime = isRealTime;
  }

  public boolean isRealTime() {
    return isRealTime;
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

  @Override
  void reset() {
    overrun = 0;
  }

  @Override
  boolean matters() {
    Task target = receiver == null ? process.leader() : receiver;
    boolean isIgnored =
        process.actions().ignores(info.number()) && !target.signals().blocks(info.number());
    return process.isAlive() && !isSilent && !isIgnored && !isPending();
  }

  @Override
  void expired(int times) {
    if (isSilent) {
      return;
    }
    if (isPending()) {
      overrun = Math.min(overrun + times, Integer.MAX_VALUE / 2);
      return;
    }
    overrun = times - 1;
    if (receiver == null) {
      signals.send(process, info);
    } else {
      signals.send(receiver, info);
    }
  }
}
