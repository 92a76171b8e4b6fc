package dev.faultline.kernel.process;

import dev.faultline.log.Signal;
import java.util.Arrays;

/**
 * A process's signals ({@code struct sighand_struct}, {@code struct sigpending}): what it wants
 * done with each, which are blocked, which wait to be delivered. Sets have a bit for each number,
 * the lowest for number 1.
 */
public final class SignalState {
  /** {@code _NSIG}. */
  public static final int COUNT = 64;

  public static final long DEFAULT = 0;
  public static final long IGNORE = 1;

  /** What is done with a signal ({@code struct sigaction}). */
  public record Action(long handler, long flags, long mask) {
    static final Action STANDARD = new Action(DEFAULT, 0, 0);
  }

  private static final long UNBLOCKABLE =
      bit(Signal.SIGKILL.number()) | bit(Signal.SIGSTOP.number());

  private final Action[] actions = new Action[COUNT + 1];
  private long blocked;
  private long pending;
  private long saved;
  private boolean suspended;
  private long alternateStack;
  private long alternateSize;
  private int alternateFlags = 2;

  SignalState() {
    Arrays.fill(actions, Action.STANDARD);
  }

  public static long bit(int signal) {
    return 1L << signal - 1;
  }

  public Action action(int signal) {
    return actions[signal];
  }

  public void setAction(int signal, Action action) {
    actions[signal] = action;
    if (isIgnored(signal)) {
      pending &= ~bit(signal);
    }
  }

  public long blocked() {
    return blocked;
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

  /** What is blocked again after the handler that is called now. */
  long blockedAfterHandler() {
    long after = suspended ? saved : blocked;
    suspended = false;
    return after;
  }

  public long pending() {
    return pending;
  }

  /** One more waits, unless nobody cares for it. */
  public void raise(int signal) {
    if (!isIgnored(signal) || (blocked & bit(signal)) != 0) {
      pending |= bit(signal);
    }
  }

  private boolean isIgnored(int signal) {
    long handler = actions[signal].handler;
    return handler == IGNORE || handler == DEFAULT && isIgnoredByDefault(signal);
  }

  /** Those whose default action is to do nothing, or, here, to stop. */
  private static boolean isIgnoredByDefault(int signal) {
    return signal == Signal.SIGCHLD.number()
        || signal == Signal.SIGCONT.number()
        || signal == Signal.SIGURG.number()
        || signal == Signal.SIGWINCH.number()
        || signal == Signal.SIGSTOP.number()
        || signal == Signal.SIGTSTP.number()
        || signal == Signal.SIGTTIN.number()
        || signal == Signal.SIGTTOU.number();
  }

  /** Whether one is to be delivered now: it ends a wait. */
  public boolean wakes() {
    return (pending & ~blocked) != 0;
  }

  /** Takes the lowest that is to be delivered; 0 for none. */
  public int take() {
    long deliverable = pending & ~blocked;
    if (deliverable == 0) {
      return 0;
    }
    int signal = Long.numberOfTrailingZeros(deliverable) + 1;
    pending &= ~bit(signal);
    return signal;
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

  public void setAlternate(long stack, long size, int flags) {
    alternateStack = stack;
    alternateSize = size;
    alternateFlags = flags;
  }

  void inherit(SignalState parent) {
    System.arraycopy(parent.actions, 0, actions, 0, actions.length);
    blocked = parent.blocked;
  }

  /** What {@code execve} leaves: what was ignored, and what is blocked or waits. */
  void reset() {
    for (int i = 1; i <= COUNT; i++) {
      actions[i] = actions[i].handler == IGNORE ? new Action(IGNORE, 0, 0) : Action.STANDARD;
    }
    alternateFlags = 2;
  }
}
