package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.Map;

/** System calls about the harts ({@code arch/riscv/kernel/sys_hwprobe.c}), which are all alike. */
final class HardwareCallGroup implements CallGroup {
  private static final int WHICH_CPUS = 1;
  private static final int PAIR_BYTES = 16;

  /** Keys of {@code riscv_hwprobe} ({@code asm/hwprobe.h}). */
  private static final long BASE_BEHAVIOR = 3;

  private static final long EXTENSIONS = 4;
  private static final long PERFORMANCE = 5;
  private static final long HIGHEST_ADDRESS = 7;
  private static final long TIME_FREQUENCY = 8;
  private static final long SCALAR_PERFORMANCE = 9;
  private static final long VECTOR_PERFORMANCE = 10;

  private static final long BASE_IMA = 1;
  private static final long FLOATING_AND_COMPRESSED = 3;

  /** A misaligned access is an instruction like others. */
  private static final long MISALIGNED_IS_FAST = 3;

  private static final long UNSUPPORTED = 4;
  private static final long TICKS_A_SECOND = 1_000_000_000L;

  /** Who made the harts (0 to 2), what a {@code cbo.zero} clears (6): nobody, nothing. */
  private static final Map<Long, Long> VALUES =
      Map.of(
          0L,
          0L,
          1L,
          0L,
          2L,
          0L,
          BASE_BEHAVIOR,
          BASE_IMA,
          EXTENSIONS,
          FLOATING_AND_COMPRESSED,
          PERFORMANCE,
          MISALIGNED_IS_FAST,
          6L,
          0L,
          TIME_FREQUENCY,
          TICKS_A_SECOND,
          SCALAR_PERFORMANCE,
          MISALIGNED_IS_FAST,
          VECTOR_PERFORMANCE,
          UNSUPPORTED);

  private final UserAccess user;
  private final long online;
  private final Refusal refusal;

  HardwareCallGroup(CallContext context) {
    this.user = context.user();
    this.online = (1L << context.harts()) - 1;
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(168, "getcpu", "xxx", this::getcpu),
        SystemCall.ofProcess(258, "riscv_hwprobe", "xdxxx", this::riscv_hwprobe),
        // Decoded instructions never differ from memory.
        SystemCall.ofProcess(259, "riscv_flush_icache", "xxx", (p, a) -> 0));
  }

  private long getcpu(Task task, long[] a) {
    if (a[0] != 0) {
      user.writeInt(task.space(), a[0], Math.max(task.hart(), 0));
    }
    if (a[1] != 0) {
      user.writeInt(task.space(), a[1], 0);
    }
    return 0;
  }

  private long riscv_hwprobe(Process process, long[] a) {
    if (a[4] == WHICH_CPUS) {
      return which(process, a);
    }
    boolean isAll = a[2] == 0 && a[3] == 0;
    if (a[4] != 0 || !isAll && cpus(process, a) == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "riscv_hwprobe", a[4]);
    }
    for (long i = 0; i < a[1]; i++) {
      long pair = a[0] + i * PAIR_BYTES;
      long key = user.readLong(process.space(), pair);
      long value = value(process, key);
      user.writeLong(process.space(), pair, value < 0 ? -1 : key);
      user.writeLong(process.space(), pair + Long.BYTES, Math.max(value, 0));
    }
    return 0;
  }

  /** -1 for what is no key. */
  private static long value(Process process, long key) {
    return key == HIGHEST_ADDRESS ? process.space().end() : VALUES.getOrDefault(key, -1L);
  }

  /** The harts that a mask in user memory names. */
  private long cpus(Process process, long[] a) {
    byte[] mask = user.read(process.space(), a[3], (int) Math.min(a[2], Long.BYTES));
    long cpus = 0;
    for (int i = 0; i < mask.length; i++) {
      cpus |= (mask[i] & 0xffL) << Byte.SIZE * i;
    }
    return cpus & online;
  }

  /** Of the harts that are asked for, all or none are as the pairs say. */
  private long which(Process process, long[] a) {
    if (a[2] == 0 || a[3] == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "riscv_hwprobe", a[2]);
    }
    long asked = cpus(process, a);
    boolean fits = true;
    for (long i = 0; i < a[1]; i++) {
      long pair = a[0] + i * PAIR_BYTES;
      long key = user.readLong(process.space(), pair);
      long wanted = user.readLong(process.space(), pair + Long.BYTES);
      long value = value(process, key);
      if (value < 0) {
        user.writeLong(process.space(), pair, -1);
        user.writeLong(process.space(), pair + Long.BYTES, 0);
      }
      boolean isSet = key == BASE_BEHAVIOR || key == EXTENSIONS;
      fits &= value >= 0 && (isSet ? (value & wanted) == wanted : value == wanted);
    }
    long found = !fits ? 0 : asked == 0 ? online : asked;
    for (int i = 0; i < Math.min(a[2], Long.BYTES); i++) {
      user.write(process.space(), a[3] + i, new byte[] {(byte) (found >>> Byte.SIZE * i)});
    }
    return 0;
  }
}
