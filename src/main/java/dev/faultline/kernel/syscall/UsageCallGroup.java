package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.FrameTable;
import dev.faultline.kernel.mm.MemoryUse;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** System calls about what was used up: time of the hart, memory of the machine. */
final class UsageCallGroup implements CallGroup {
  static final int RUSAGE_SIZE = 144;
  private static final int RUSAGE_SELF = 0;
  private static final int RUSAGE_CHILDREN = -1;
  private static final int RUSAGE_THREAD = 1;
  private static final int MAXRSS = 32;
  private static final int MINFLT = 64;
  private static final int MAJFLT = 72;
  private static final int SYSINFO_SIZE = 112;
  private static final int PAGE = 4096;

  /** {@code sysconf(_SC_CLK_TCK)} is 100. */
  private static final long TICK = TimeArguments.BILLION / 100;

  private final Processes processes;
  private final FrameTable frames;
  private final UserAccess user;
  private final Clock clock;
  private final TimeArguments times;
  private final Refusal refusal;

  UsageCallGroup(CallContext context) {
    this.processes = context.processes();
    this.frames = context.frames();
    this.user = context.user();
    this.clock = context.clock();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(153, "times", "x", this::times),
        new SystemCall(165, "getrusage", "dx", this::getrusage),
        SystemCall.ofProcess(179, "sysinfo", "x", this::sysinfo));
  }

  private long times(Process process, long[] a) {
    long now = clock.monotonic() / TICK;
    if (a[0] != 0) {
      user.write(process.space(), a[0], new byte[32]);
      user.writeLong(process.space(), a[0], process.hartTime(clock.retired()) / TICK);
      user.writeLong(process.space(), a[0] + 16, process.usage().childrenTime() / TICK);
    }
    return now;
  }

  /**
   * All time is that of the user: the kernel takes none. The largest size is what it is now;
   * threads do not know their faults.
   */
  private long getrusage(Task task, long[] a) {
    Process process = task.process();
    long used =
        switch ((int) a[0]) {
          case RUSAGE_SELF -> process.hartTime(clock.retired());
          case RUSAGE_CHILDREN -> process.usage().childrenTime();
          case RUSAGE_THREAD -> task.hartTime(clock.retired());
          default -> throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "getrusage", a[0]);
        };
    ByteBuffer usage = ByteBuffer.allocate(RUSAGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    switch ((int) a[0]) {
      case RUSAGE_SELF -> {
        long resident = MemoryUse.of(process.space(), frames).resident();
        usage.putLong(MAXRSS, resident * PAGE / 1024);
        usage
            .putLong(MINFLT, process.usage().minorFaults())
            .putLong(MAJFLT, process.usage().majorFaults());
      }
      case RUSAGE_CHILDREN -> {
        usage.putLong(MINFLT, process.usage().childrenMinorFaults());
        usage.putLong(MAJFLT, process.usage().childrenMajorFaults());
      }
      default -> {}
    }
    user.write(task.space(), a[1], usage.array());
    times.writeTimeval(task.space(), a[1], used);
    return 0;
  }

  private long sysinfo(Process process, long[] a) {
    ByteBuffer info = ByteBuffer.allocate(SYSINFO_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    info.putLong(0, clock.monotonic() / TimeArguments.BILLION);
    info.putLong(32, (long) frames.total() * PAGE);
    info.putLong(40, (long) frames.free() * PAGE);
    info.putShort(80, (short) processes.alive());
    info.putInt(104, 1);
    user.write(process.space(), a[0], info.array());
    return 0;
  }
}
