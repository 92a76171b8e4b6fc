package dev.faultline.kernel.syscall;

import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Waits until something is ready, for a time, perhaps with other signals blocked meanwhile. */
final class ReadyWait {
  private final Clock clock;
  private final UserAccess user;

  ReadyWait(CallContext context) {
    this.clock = context.clock();
    this.user = context.user();
  }

  /**
   * Comes back when the time is over.
   *
   * @param deadline asked once a call: until when to wait
   * @param mask the address of the signals to block meanwhile, 0 for those that are
   */
  void await(Task task, BooleanSupplier isReady, LongSupplier deadline, long mask) {
    long until = task.callDeadline();
    if (until == 0) {
      until = deadline.getAsLong();
      task.setCallDeadline(until);
    }
    if (clock.monotonic() >= until) {
      return;
    }
    if (mask != 0) {
      task.signals().suspend(user.readLong(task.space(), mask));
    }
    throw new Blocked(Wait.until(isReady).orAt(until).endedByHandlers());
  }
}
