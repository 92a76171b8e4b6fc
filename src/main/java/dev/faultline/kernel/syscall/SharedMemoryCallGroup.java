package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes.Owner;
import dev.faultline.kernel.ipc.SharedMemory;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls of System V shared memory. */
final class SharedMemoryCallGroup implements CallGroup {
  static final int IPC_RMID = 0;
  static final int IPC_SET = 1;
  static final int IPC_STAT = 2;
  static final int IPC_INFO = 3;
  private static final int SHM_LOCK = 11;
  private static final int SHM_UNLOCK = 12;
  private static final int SHM_STAT = 13;
  private static final int SHM_INFO = 14;
  private static final int SHM_STAT_ANY = 15;

  private final SharedMemory memory;
  private final UserAccess user;
  private final Refusal refusal;

  SharedMemoryCallGroup(CallContext context, SharedMemory memory) {
    this.memory = memory;
    this.user = context.user();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(
            194, "shmget", "xdo", (p, a) -> memory.get(p, (int) a[0], a[1], (int) a[2])),
        SystemCall.ofProcess(195, "shmctl", "ddx", this::shmctl),
        SystemCall.ofProcess(
            196, "shmat", "dxx", (p, a) -> memory.attach(p, (int) a[0], a[1], (int) a[2])),
        SystemCall.ofProcess(197, "shmdt", "x", this::shmdt));
  }

  private long shmdt(Process process, long[] a) {
    memory.detach(process, a[0]);
    return 0;
  }

  private long shmctl(Process process, long[] a) {
    int id = (int) a[0];
    return switch ((int) a[1]) {
      case IPC_RMID -> {
        memory.remove(id);
        yield 0;
      }
      case IPC_SET -> {
        Owner owner =
            new Owner(
                user.readInt(process.space(), a[2] + 4), user.readInt(process.space(), a[2] + 8));
        memory.give(id, owner, user.readInt(process.space(), a[2] + 20));
        yield 0;
      }
      case IPC_STAT -> answer(process, a[2], memory.status(id), 0);
      case SHM_STAT, SHM_STAT_ANY -> {
        int found = memory.idAt(id);
        yield answer(process, a[2], memory.status(found), found);
      }
      case IPC_INFO -> answer(process, a[2], memory.limits(), memory.highestIndex());
      case SHM_INFO -> answer(process, a[2], memory.use(), memory.highestIndex());
      case SHM_LOCK, SHM_UNLOCK ->
          throw refusal.of(Errno.ENOSYS, StepKind.NOT_MODELLED, "shmctl", a[1]);
      default -> throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "shmctl", a[1]);
    };
  }

  private long answer(Process process, long address, byte[] bytes, int result) {
    user.write(process.space(), address, bytes);
    return result;
  }
}
