package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Futexes;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.RseqArea;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** {@code futex(2)}, and what libraries of threads ask for beside it. */
final class FutexCallGroup implements CallGroup {
  private static final int FUTEX_WAIT = 0;
  private static final int FUTEX_WAKE = 1;
  private static final int FUTEX_REQUEUE = 3;
  private static final int FUTEX_CMP_REQUEUE = 4;
  private static final int FUTEX_WAKE_OP = 5;
  private static final int FUTEX_WAIT_BITSET = 9;
  private static final int FUTEX_WAKE_BITSET = 10;
  private static final int FUTEX_PRIVATE_FLAG = 0x80;
  private static final int FUTEX_CLOCK_REALTIME = 0x100;

  /** {@code sizeof(struct robust_list_head)}. */
  private static final int ROBUST_HEAD = 24;

  /** {@code sizeof(struct rseq)} as it first was, which is its alignment too. */
  private static final int RSEQ_SIZE = 32;

  private static final int RSEQ_FLAG_UNREGISTER = 1;

  /** {@code cpu_id} is -1 then, {@code cpu_id_start} is 0. */
  private static final long RSEQ_CPU_ID_UNINITIALIZED = 0xffff_ffffL << 32;

  /** Commands of {@code membarrier(2)}: to take part, and for those who do. */
  private static final int BARRIER_REGISTER_GLOBAL = 4;

  private static final int BARRIERS_PRIVATE = 8 | 32 | 128;
  private static final int BARRIERS_REGISTER = BARRIERS_PRIVATE << 1;
  private static final int BARRIER_GET_REGISTRATIONS = 512;
  private static final int BARRIERS = 0x3ff;
  private static final int BARRIER_FLAG_CPU = 1;
  private static final int BARRIER_PRIVATE_RSEQ = 128;

  private final Futexes futexes;
  private final Processes processes;
  private final UserAccess user;
  private final Clock clock;
  private final TimeArguments times;
  private final Refusal refusal;

  FutexCallGroup(CallContext context) {
    this.futexes = context.futexes();
    this.processes = context.processes();
    this.user = context.user();
    this.clock = context.clock();
    this.times = new TimeArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(98, "futex", "xddxxd", this::futex),
        new SystemCall(99, "set_robust_list", "xd", this::set_robust_list),
        new SystemCall(100, "get_robust_list", "dxx", this::get_robust_list),
        new SystemCall(283, "membarrier", "dxd", this::membarrier),
        new SystemCall(293, "rseq", "xdxx", this::rseq));
  }

  private long futex(Task task, long[] a) {
    int operation = (int) a[1] & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    boolean isPrivate = (a[1] & FUTEX_PRIVATE_FLAG) != 0;
    boolean isRealTime = (a[1] & FUTEX_CLOCK_REALTIME) != 0;
    if (isRealTime && operation != FUTEX_WAIT_BITSET) {
      throw notModelled(operation);
    }
    int value = (int) a[2];
    int other = (int) a[3];
    return switch (operation) {
      case FUTEX_WAIT -> waitAt(task, a, Futexes.ANY_BIT, isPrivate, false, false);
      case FUTEX_WAIT_BITSET -> waitAt(task, a, bits(a[5]), isPrivate, true, isRealTime);
      case FUTEX_WAKE -> wake(task, a[0], isPrivate, value, Futexes.ANY_BIT);
      case FUTEX_WAKE_BITSET -> wake(task, a[0], isPrivate, value, bits(a[5]));
      case FUTEX_REQUEUE -> requeue(task, a, isPrivate, value, other);
      case FUTEX_CMP_REQUEUE -> {
        checkCounts(value, other);
        checkValue(task, a[0], (int) a[5], isPrivate);
        yield requeue(task, a, isPrivate, value, other);
      }
      case FUTEX_WAKE_OP -> wakeOp(task, a, isPrivate, value, other);
      default -> throw notModelled(operation);
    };
  }

  private RuntimeException notModelled(int operation) {
    return refusal.of(Errno.ENOSYS, StepKind.NOT_MODELLED, "futex operation", operation);
  }

  private int bits(long bits) {
    if ((int) bits == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "futex bits", 0);
    }
    return (int) bits;
  }

  private Futexes.Key checkValue(Task task, long va, int expected, boolean isPrivate) {
    Futexes.Key key = futexes.key(task.space(), va, isPrivate);
    int found = user.readInt(task.space(), va);
    if (found != expected) {
      throw refusal.of(Errno.EAGAIN, StepKind.FUTEX_DIFFERS, found, expected);
    }
    return key;
  }

  private long waitAt(
      Task task, long[] a, int bits, boolean isPrivate, boolean isAbsolute, boolean isRealTime) {
    if (futexes.isWoken(task)) {
      return 0;
    }
    long deadline = task.callDeadline();
    if (deadline == 0 && a[3] != 0) {
      deadline = times.deadline(task.space(), a[3], isAbsolute, isRealTime);
      task.setCallDeadline(deadline);
    }
    boolean isTimed = deadline != 0;
    if (isTimed && futexes.isQueued(task) && clock.monotonic() >= deadline) {
      throw refusal.of(Errno.ETIMEDOUT, StepKind.TIME_IS_OVER);
    }
    Futexes.Key key = checkValue(task, a[0], (int) a[2], isPrivate);
    Wait wait = futexes.enqueue(task, key, bits);
    throw new Blocked(isTimed ? wait.orAt(deadline).endedByHandlers() : wait);
  }

  private long wake(Task task, long va, boolean isPrivate, int most, int bits) {
    return futexes.wake(futexes.key(task.space(), va, isPrivate), Math.max(most, 1), bits);
  }

  private void checkCounts(int wakes, int moves) {
    if (wakes < 0 || moves < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "futex", Math.min(wakes, moves));
    }
  }

  private long requeue(Task task, long[] a, boolean isPrivate, int wakes, int moves) {
    checkCounts(wakes, moves);
    Futexes.Key from = futexes.key(task.space(), a[0], isPrivate);
    Futexes.Key to = futexes.key(task.space(), a[4], isPrivate);
    int woken = futexes.wake(from, wakes, Futexes.ANY_BIT);
    return (long) woken + futexes.requeue(from, to, moves);
  }

  /** Changes the second word and wakes at both, at it only if it was as wanted. */
  private long wakeOp(Task task, long[] a, boolean isPrivate, int wakes, int wakesThere) {
    Futexes.Key first = futexes.key(task.space(), a[0], isPrivate);
    Futexes.Key second = futexes.key(task.space(), a[4], isPrivate);
    int code = (int) a[5];
    int operand = code << 8 >> 20;
    if (code < 0) {
      operand = 1 << (operand & 31);
    }
    int old = user.readInt(task.space(), a[4]);
    int changed =
        switch (code >>> 28 & 7) {
          case 0 -> operand;
          case 1 -> old + operand;
          case 2 -> old | operand;
          case 3 -> old & ~operand;
          case 4 -> old ^ operand;
          default -> throw notModelled(code);
        };
    int compared = code << 20 >> 20;
    boolean isAsWanted =
        switch (code >>> 24 & 15) {
          case 0 -> old == compared;
          case 1 -> old != compared;
          case 2 -> old < compared;
          case 3 -> old <= compared;
          case 4 -> old > compared;
          case 5 -> old >= compared;
          default -> throw notModelled(code);
        };
    user.writeInt(task.space(), a[4], changed);
    long woken = futexes.wake(first, Math.max(wakes, 1), Futexes.ANY_BIT);
    return isAsWanted
        ? woken + futexes.wake(second, Math.max(wakesThere, 1), Futexes.ANY_BIT)
        : woken;
  }

  private long set_robust_list(Task task, long[] a) {
    if (a[1] != ROBUST_HEAD) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "set_robust_list", a[1]);
    }
    task.setRobustList(a[0]);
    return 0;
  }

  private long get_robust_list(Task task, long[] a) {
    Task asked = a[0] == 0 ? task : processes.findTask((int) a[0]);
    if (asked == null) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, a[0]);
    }
    user.writeLong(task.space(), a[2], ROBUST_HEAD);
    user.writeLong(task.space(), a[1], asked.robustList());
    return 0;
  }

  private long rseq(Task task, long[] a) {
    int signature = (int) a[3];
    boolean isSame = a[0] == task.sequenceArea() && a[1] >= RSEQ_SIZE;
    if ((a[2] & ~RSEQ_FLAG_UNREGISTER) != 0 || a[0] == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "rseq", a[2]);
    }
    if (a[2] == RSEQ_FLAG_UNREGISTER) {
      if (!isSame) {
        throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "rseq", a[0]);
      }
      if (signature != task.sequenceSignature()) {
        throw refusal.of(Errno.EPERM, StepKind.BAD_ARGUMENT, "rseq", signature);
      }
      user.writeLong(task.space(), a[0], RSEQ_CPU_ID_UNINITIALIZED);
      task.setSequences(0, 0);
      return 0;
    }
    if (task.sequenceArea() != 0) {
      Errno errno =
          !isSame
              ? Errno.EINVAL
              : signature != task.sequenceSignature() ? Errno.EPERM : Errno.EBUSY;
      throw refusal.of(errno, StepKind.BAD_ARGUMENT, "rseq", a[0]);
    }
    if (a[1] != RSEQ_SIZE || (a[0] & RSEQ_SIZE - 1) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "rseq", a[1]);
    }
    user.write(task.space(), a[0], new byte[RSEQ_SIZE]);
    task.setSequences(a[0], signature);
    if (task.hart() > 0) {
      RseqArea.tellHart(user, task);
    }
    return 0;
  }

  /**
   * One hart executes at a time, and each sees memory as the one before it left it: there is
   * nothing to do but to know who may ask.
   */
  private long membarrier(Task task, long[] a) {
    int command = (int) a[0];
    int allowed = command == BARRIER_PRIVATE_RSEQ ? BARRIER_FLAG_CPU : 0;
    if (Integer.bitCount(command) > 1 || (command & ~BARRIERS) != 0 || (a[1] & ~allowed) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "membarrier", command);
    }
    AddressSpace space = task.space();
    if ((command & BARRIERS_PRIVATE) != 0 && (space.barriers() & command << 1) == 0) {
      throw refusal.of(Errno.EPERM, StepKind.NOT_REGISTERED, "membarrier", command);
    }
    if ((command & (BARRIERS_REGISTER | BARRIER_REGISTER_GLOBAL)) != 0) {
      space.registerBarrier(command);
    }
    return switch (command) {
      case 0 -> BARRIERS;
      case BARRIER_GET_REGISTRATIONS -> space.barriers();
      default -> 0;
    };
  }
}
