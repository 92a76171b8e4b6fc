package dev.faultline.kernel.process;

import dev.faultline.log.Signal;

/** A thread's own side of signals: what it blocks, what waits for it alone, where handlers run. */
public final class SignalState {
  private static final int SS_ONSTACK = 1;
  private static final int SS_DISABLE = 2;
  static final long UNBLOCKABLE =
      SignalActions.bit(Signal.SIGKILL) | SignalActions.bit(Signal.SIGSTOP);

  private final PendingSignals pending = new PendingSignals();
  private long blocked;
  private long saved;
  private boolean suspended;
  private long alternateStack;
  private long alternateSize;
  private int alternateFlags = SS_DISABLE;

  public PendingSignals pending() {
    return pending;
  }

  public long blocked() {
    return blocked;
  }

  public boolean blocks(int signal) {
    return (blocked & SignalActions.bit(signal)) != 0;
  }

  public void setBlocked(long set) {
    blocked = set & ~UNBLOCKABLE;
  }

  /** Another set is blocked until a handler has returned ({@code rt_sigsuspend}). */
  public void suspend(long set) {
    if (!suspended) {
      suspended = true;
      saved = blocked;
    }
    setBlocked(set);
  }

  /** The call that blocked another set is over, without a handler. */
  public void resume() {
    if (suspended) {
      suspended = false;
      blocked = saved;
    }
  }

  /** What is blocked again after the handler that is called now. */
  long blockedAfterHandler() {
    long after = suspended ? saved : blocked;
    suspended = false;
    return after;
  }

  public long alternateStack() {
    return alternateStack;
  }

  public long alternateSize() {
    return alternateSize;
  }

  public int alternateFlags() {
    return alternateFlags;
  }

  /** The flags as a thread with that stack pointer sees them ({@code sas_ss_flags}). */
  public int alternateFlags(long sp) {
    return isOnAlternate(sp) ? SS_ONSTACK : alternateFlags;
  }

  /** Whether a stack pointer lies on the alternate stack. */
  public boolean isOnAlternate(long sp) {
    return Long.compareUnsigned(sp - alternateStack - 1, alternateSize) < 0;
  }

  public void setAlternate(long stack, long size, int flags) {
    alternateStack = stack;
    alternateSize = size;
    alternateFlags = flags;
  }

  /** There is no other stack ({@code sas_ss_reset}). */
  public void dropAlternate() {
    setAlternate(0, 0, SS_DISABLE);
  }

  /** A child begins with what its parent blocks and, unless it shares its stacks, the other one. */
  void inherit(SignalState parent, boolean keepsAlternateStack) {
    blocked = parent.blocked;
    if (keepsAlternateStack) {
      setAlternate(parent.alternateStack, parent.alternateSize, parent.alternateFlags);
    }
  }
}
