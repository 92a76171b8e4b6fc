package dev.faultline.kernel.process;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.mm.UserAccess;

/**
 * What the kernel tells a thread in its area of {@code rseq(2)}: on which hart it is ({@code
 * rseq_update_cpu_node_id}).
 */
public final class RseqArea {
  /** {@code cpu_id_start} and, above it, {@code cpu_id}. */
  private static final int CPU_IDS = 0;

  private static final int MM_CID = 24;

  private RseqArea() {}

  /**
   * @throws LinuxError when the area cannot be written
   */
  public static void tellHart(UserAccess user, Task task) {
    long area = task.sequenceArea();
    long ids = (long) task.hart() << 32 | task.hart();
    if (area != 0 && user.readLong(task.space(), area + CPU_IDS) != ids) {
      user.writeLong(task.space(), area + CPU_IDS, ids);
      user.writeInt(task.space(), area + MM_CID, task.hart());
    }
  }
}
