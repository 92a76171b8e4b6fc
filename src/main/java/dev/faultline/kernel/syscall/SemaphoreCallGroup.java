package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.ipc.SemaphoreSet.Operation;
import dev.faultline.kernel.ipc.Semaphores;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;

/** System calls of System V semaphores. */
final class SemaphoreCallGroup implements CallGroup {
  private static final int GETPID = 11;
  private static final int GETVAL = 12;
  private static final int GETALL = 13;
  private static final int GETNCNT = 14;
  private static final int GETZCNT = 15;
  private static final int SETVAL = 16;
  private static final int SETALL = 17;
  private static final int SEM_STAT = 18;
  private static final int SEM_INFO = 19;
  private static final int SEM_STAT_ANY = 20;

  /** {@code struct sembuf}. */
  private static final int OPERATION_BYTES = 6;

  private static final int MOST_READ = 501;

  private final Semaphores semaphores;
  private final UserAccess user;
  private final TimeArguments times;
  private final Refusal refusal;

  SemaphoreCallGroup(CallContext context, Semaphores semaphores) {
    this.semaphores = semaphores;
    this.user = context.user();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(
            190, "semget", "xdo", (p, a) -> semaphores.get(p, (int) a[0], (int) a[1], (int) a[2])),
        SystemCall.ofProcess(191, "semctl", "dddx", this::semctl),
        new SystemCall(192, "semtimedop", "dxdx", (t, a) -> operate(t, a, a[3])),
        new SystemCall(193, "semop", "dxd", (t, a) -> operate(t, a, 0)));
  }

  private long operate(Task task, long[] a, long timeout) {
    List<Operation> operations = new ArrayList<>();
    AddressSpace space = task.space();
    for (long i = 0; i < Math.clamp(a[2], 0, MOST_READ); i++) {
      long at = a[1] + i * OPERATION_BYTES;
      int first = user.readInt(space, at);
      byte[] flags = user.read(space, at + Integer.BYTES, Short.BYTES);
      operations.add(
          new Operation(first & 0xffff, first >> 16, flags[0] & 0xff | (flags[1] & 0xff) << 8));
    }
    if (task.callDeadline() == 0) {
      task.setCallDeadline(
          timeout == 0 ? Wait.NO_DEADLINE : times.deadline(space, timeout, false, false));
    }
    semaphores.operate(task, (int) a[0], operations, task.callDeadline());
    return 0;
  }

  private long semctl(Process process, long[] a) {
    AddressSpace space = process.space();
    int id = (int) a[0];
    int number = (int) a[1];
    switch ((int) a[2]) {
      case SharedMemoryCallGroup.IPC_RMID -> semaphores.remove(id);
      case SharedMemoryCallGroup.IPC_SET -> {
        Owner owner = new Owner(user.readInt(space, a[3] + 4), user.readInt(space, a[3] + 8));
        semaphores.give(id, owner, user.readInt(space, a[3] + 20));
      }
      case SharedMemoryCallGroup.IPC_STAT -> user.write(space, a[3], semaphores.status(id));
      case SEM_STAT, SEM_STAT_ANY -> {
        int found = semaphores.idAt(id);
        user.write(space, a[3], semaphores.status(found));
        return found;
      }
      case SharedMemoryCallGroup.IPC_INFO, SEM_INFO -> {
        user.write(space, a[3], semaphores.limits((int) a[2] == SEM_INFO));
        return semaphores.highestIndex();
      }
      case GETPID -> {
        return semaphores.lastPid(id, number);
      }
      case GETVAL -> {
        return semaphores.value(id, number);
      }
      case GETNCNT, GETZCNT -> {
        return semaphores.waiting(id, number, (int) a[2] == GETZCNT);
      }
      case GETALL -> user.write(space, a[3], semaphores.values(id));
      case SETVAL -> semaphores.setValue(process, id, number, (int) a[3]);
      case SETALL -> {
        int bytes = semaphores.count(id) * Short.BYTES;
        semaphores.setValues(process, id, user.read(space, a[3], bytes));
      }
      default -> throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "semctl", a[2]);
    }
    return 0;
  }
}
