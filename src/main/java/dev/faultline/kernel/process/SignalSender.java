package dev.faultline.kernel.process;

import dev.faultline.log.Signal;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes signals wait at a thread or a process ({@code send_signal_locked}). What they do comes when
 * the receiver goes on; only what SIGCONT undoes is done at once.
 */
public final class SignalSender {
  private static final long SA_NOCLDSTOP = 1;
  private static final long SA_NOCLDWAIT = 2;

  private final IntFunction<@Nullable Process> find;

  SignalSender(IntFunction<@Nullable Process> find) {
    this.find = find;
  }

  /** To one of a process's threads, whichever takes it. */
  public void send(Process process, Siginfo info) {
    if (process.isAlive() && prepare(process, process.leader(), info.number())) {
      process.pending().add(info);
    }
  }

  /** To a thread. */
  public void send(Task task, Siginfo info) {
    if (task.isAlive() && prepare(task.process(), task, info.number())) {
      task.signals().pending().add(info);
    }
  }

  /** Whether a signal is to wait ({@code prepare_signal}). */
  private boolean prepare(Process process, Task target, int number) {
    if (SignalActions.stops(number)) {
      forget(process, SignalActions.bit(Signal.SIGCONT));
    } else if (number == Signal.SIGCONT.number()) {
      forget(process, SignalActions.stops());
      if (process.isStopped()) {
        process.goOn();
        tellParent(process, Siginfo.CLD_CONTINUED, number);
      }
    }
    return target.signals().blocks(number) || !process.actions().ignores(number);
  }

  private static void forget(Process process, long set) {
    process.pending().remove(set);
    process.tasks().forEach(task -> task.signals().pending().remove(set));
  }

  /** {@code sigaction(2)}; what is ignored from now on waits no more. */
  public void act(Process process, int number, SignalActions.Action action) {
    process.actions().setAction(number, action);
    if (process.actions().ignores(number)) {
      forget(process, SignalActions.bit(number));
    }
  }

  /** A signal stops a process; its parent hears of it. */
  public void stop(Process process, int number) {
    if (!process.isStopped()) {
      process.stop(number);
      tellParent(process, Siginfo.CLD_STOPPED, number);
    }
  }

  private void tellParent(Process child, int code, int status) {
    Process parent = find.apply(child.parent());
    if (parent == null || !parent.hasProgram()) {
      return;
    }
    if (!parent.actions().action(Signal.SIGCHLD.number()).has(SA_NOCLDSTOP)) {
      send(parent, ofChild(child, Signal.SIGCHLD.number(), code, status));
    }
  }

  private static Siginfo ofChild(Process child, int number, int code, int status) {
    return new Siginfo(number, code, child.pid(), status & 0xffff_ffffL);
  }

  /**
   * A child has ended ({@code do_notify_parent}).
   *
   * @return whether nobody will wait for it
   */
  boolean tellEnd(Process child) {
    Process parent = find.apply(child.parent());
    if (parent == null || !parent.isAlive() || !parent.hasProgram()) {
      return true;
    }
    int number = child.exitSignal();
    SignalActions.Action action = parent.actions().action(Signal.SIGCHLD.number());
    boolean isIgnored = action.handler() == SignalActions.IGNORE;
    if (number != 0 && !(number == Signal.SIGCHLD.number() && isIgnored)) {
      boolean killed = child.condition().wasKilled();
      int code = killed ? Siginfo.CLD_KILLED : Siginfo.CLD_EXITED;
      int status = killed ? child.condition().endWord() : child.condition().status();
      send(parent, ofChild(child, number, code, status));
    }
    return number == Signal.SIGCHLD.number() && (isIgnored || action.has(SA_NOCLDWAIT));
  }
}
