package dev.faultline.kernel.syscall;

import dev.faultline.kernel.ipc.Semaphores;
import dev.faultline.kernel.ipc.SharedMemory;
import java.util.List;

/** All system calls that there are. */
public final class CallGroups {
  private CallGroups() {}

  /** Every group once; which of them comes first does not matter. */
  public static List<CallGroup> all(
      CallContext context, SharedMemory sharedMemory, Semaphores semaphores) {
    return List.of(
        new MemoryCallGroup(context.syscalls()),
        new SharedMemoryCallGroup(context, sharedMemory),
        new SemaphoreCallGroup(context, semaphores),
        new FileCallGroup(context),
        new VectorCallGroup(context),
        new PathCallGroup(context),
        new AttributeCallGroup(context),
        new CopyCallGroup(context),
        new PollCallGroup(context),
        new EpollCallGroup(context),
        new EventCallGroup(context),
        new InotifyCallGroup(context),
        new SocketCallGroup(context),
        new PriorityCallGroup(context),
        new HardwareCallGroup(context),
        new ProcessCallGroup(context),
        new PidfdCallGroup(context),
        new CloneCallGroup(context),
        new FutexCallGroup(context),
        new IdentityCallGroup(context),
        new SignalCallGroup(context),
        new TimeCallGroup(context),
        new TimerCallGroup(context),
        new CredentialCallGroup(context),
        new UsageCallGroup(context));
  }
}
