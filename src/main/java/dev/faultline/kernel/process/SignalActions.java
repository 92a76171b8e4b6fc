package dev.faultline.kernel.process;

import dev.faultline.log.Signal;
import java.util.Arrays;

/**
 * What is done with each signal ({@code struct sighand_struct}). All threads of a process have the
 * same; processes may too (CLONE_SIGHAND).
 */
public final class SignalActions {
  /** {@code _NSIG}. */
  public static final int COUNT = 64;

  public static final long DEFAULT = 0;
  public static final long IGNORE = 1;

  private static final long STOPS =
      bit(Signal.SIGSTOP) | bit(Signal.SIGTSTP) | bit(Signal.SIGTTIN) | bit(Signal.SIGTTOU);
  private static final long IGNORED_BY_DEFAULT =
      bit(Signal.SIGCHLD) | bit(Signal.SIGCONT) | bit(Signal.SIGURG) | bit(Signal.SIGWINCH);

  /** What is done with a signal ({@code struct sigaction}). */
  public record Action(long handler, long flags, long mask) {
    static final Action STANDARD = new Action(DEFAULT, 0, 0);

    /** Whether the program has a handler for it. */
    public boolean isHandled() {
      return handler != DEFAULT && handler != IGNORE;
    }

    public boolean has(long flag) {
      return (flags & flag) != 0;
    }
  }

  private final Action[] actions = new Action[COUNT + 1];

  SignalActions() {
    Arrays.fill(actions, Action.STANDARD);
  }

  /** A set has a bit for each number, the lowest for number 1. */
  public static long bit(int signal) {
    return 1L << signal - 1;
  }

  static long bit(Signal signal) {
    return bit(signal.number());
  }

  /** The signals that stop a process by default. */
  public static boolean stops(int signal) {
    return (STOPS & bit(signal)) != 0;
  }

  static long stops() {
    return STOPS;
  }

  public Action action(int signal) {
    return actions[signal];
  }

  public void setAction(int signal, Action action) {
    actions[signal] = action;
  }

  /** After its handler was called once (SA_RESETHAND). */
  public void reset(int signal) {
    actions[signal] = Action.STANDARD;
  }

  /** Whether nothing comes of a signal. */
  public boolean ignores(int signal) {
    long handler = actions[signal].handler;
    return handler == IGNORE || handler == DEFAULT && (IGNORED_BY_DEFAULT & bit(signal)) != 0;
  }

  SignalActions copy() {
    var copy = new SignalActions();
    System.arraycopy(actions, 0, copy.actions, 0, actions.length);
    return copy;
  }

  /** What {@code execve} and CLONE_CLEAR_SIGHAND leave: what was ignored. */
  void dropHandlers() {
    for (int i = 1; i <= COUNT; i++) {
      actions[i] = actions[i].handler == IGNORE ? new Action(IGNORE, 0, 0) : Action.STANDARD;
    }
  }
}
