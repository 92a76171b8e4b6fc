package dev.faultline.kernel;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * {@code rseq(2)} ({@code kernel/rseq.c}): a thread says where in its code a short sequence begins
 * and ends; when another thread or a handler comes between, it goes on at the place that it gave
 * for that, and begins anew.
 */
final class RestartableSequences {
  private static final int DESCRIPTOR = 8;
  private static final int START = 8;
  private static final int LENGTH = 16;
  private static final int ABORT = 24;

  private final UserAccess user;
  private final ChangeLog log;

  RestartableSequences(UserAccess user, ChangeLog log) {
    this.user = user;
    this.log = log;
  }

  /**
   * Where a thread goes on that was to go on at {@code pc}.
   *
   * @throws LinuxError when what it registered makes no sense: it is sent SIGSEGV
   */
  long goesOnAt(Task task, long pc) {
    long area = task.sequenceArea();
    if (area == 0) {
      return pc;
    }
    AddressSpace space = task.space();
    long descriptor = user.readLong(space, area + DESCRIPTOR);
    if (descriptor == 0) {
      return pc;
    }
    long start = user.readLong(space, descriptor + START);
    long length = user.readLong(space, descriptor + LENGTH);
    long abort = user.readLong(space, descriptor + ABORT);
    user.writeLong(space, area + DESCRIPTOR, 0);
    if (Long.compareUnsigned(pc - start, length) >= 0) {
      return pc;
    }
    if (user.readInt(space, abort - 4) != task.sequenceSignature()) {
      throw new LinuxError(Errno.EINVAL);
    }
    log.step(StepKind.RESTARTS_SEQUENCE, task.tid(), pc, abort);
    return abort;
  }
}
