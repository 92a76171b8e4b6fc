package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.IoVector;
import dev.faultline.kernel.mm.ProcessVm;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** {@code process_vm_readv(2)} and {@code process_vm_writev(2)}. */
public final class ProcessVmCalls {
  private static final int VECTOR_BYTES = 16;

  private final ProcessVm memory;
  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  ProcessVmCalls(ProcessVm memory, Processes processes, UserAccess user, ChangeLog log) {
    this.memory = memory;
    this.processes = processes;
    this.user = user;
    this.refusal = new Refusal(log);
  }

  /**
   * One of the two.
   *
   * @param writes whether local bytes go there, and not those from there here
   * @return how many bytes went over
   */
  public int transfer(
      Process process, int remotePid, List<IoVector> local, List<IoVector> remote, boolean writes) {
    memory.check(local);
    if (ProcessVm.total(local) == 0) {
      return 0;
    }
    memory.check(remote);
    if (ProcessVm.total(remote) == 0) {
      return 0;
    }
    Process other = processes.find(remotePid);
    if (other == null || !other.isAlive()) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, remotePid);
    }
    return (int) memory.transfer(process.space(), local, other.space(), remote, writes);
  }

  /** The same with vectors in user memory. */
  long transfer(Process process, long[] a, boolean writes) {
    if (a[5] != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, a[5]);
    }
    List<IoVector> local = vectors(process.space(), a[1], a[2]);
    memory.check(local);
    if (ProcessVm.total(local) == 0) {
      return 0;
    }
    List<IoVector> remote = vectors(process.space(), a[3], a[4]);
    return transfer(process, (int) a[0], local, remote, writes);
  }

  /** An array of {@code struct iovec} in user memory. */
  private List<IoVector> vectors(AddressSpace space, long address, long count) {
    if (Long.compareUnsigned(count, ProcessVm.MOST_VECTORS) > 0) {
      throw refusal.of(Errno.EINVAL, StepKind.TOO_MANY_VECTORS, ProcessVm.MOST_VECTORS);
    }
    byte[] bytes = user.read(space, address, (int) count * VECTOR_BYTES);
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<IoVector> vectors = new ArrayList<>();
    while (words.hasRemaining()) {
      vectors.add(new IoVector(words.getLong(), words.getLong()));
    }
    return vectors;
  }
}
