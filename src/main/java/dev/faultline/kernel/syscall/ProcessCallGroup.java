package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Pidfd;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** System calls that wait for children ({@code kernel/exit.c}), and those of the scheduler. */
final class ProcessCallGroup implements CallGroup {
  private static final int WNOHANG = 1;
  private static final int WSTOPPED = 2;
  private static final int WEXITED = 4;
  private static final int WCONTINUED = 8;
  private static final int WNOWAIT = 0x100_0000;
  private static final int WNOTHREAD = 0x2000_0000;
  private static final int WALL = 0x4000_0000;
  private static final int WCLONE = 0x8000_0000;
  private static final int WHOSE = WNOTHREAD | WALL | WCLONE;
  private static final int P_ALL = 0;
  private static final int P_PID = 1;
  private static final int P_PGID = 2;
  private static final int P_PIDFD = 3;
  private static final int CONTINUED = 0xffff;
  private static final int CORE_BIT_AND_SIGNAL = 0x7f;

  /** Something that a parent has not heard of yet. */
  private record News(Process child, int word) {}

  private final Processes processes;
  private final UserAccess user;
  private final Clock clock;
  private final TimeArguments times;
  private final long online;
  private final Refusal refusal;

  ProcessCallGroup(CallContext context) {
    this.processes = context.processes();
    this.user = context.user();
    this.clock = context.clock();
    this.times = new TimeArguments(context);
    this.online = (1L << context.harts()) - 1;
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(95, "waitid", "ddxdx", this::waitid),
        new SystemCall(122, "sched_setaffinity", "ddx", this::sched_setaffinity),
        new SystemCall(123, "sched_getaffinity", "ddx", this::sched_getaffinity),
        new SystemCall(124, "sched_yield", "", this::sched_yield),
        new SystemCall(260, "wait4", "dxdx", this::wait4));
  }

  private long wait4(Task task, long[] a) {
    int options = (int) a[2];
    if ((options & ~(WNOHANG | WSTOPPED | WCONTINUED | WHOSE)) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "wait4", options);
    }
    int wanted = (int) a[0];
    if (wanted == Integer.MIN_VALUE) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, wanted);
    }
    Process parent = task.process();
    Predicate<Process> isMeant =
        wanted > 0
            ? child -> child.pid() == wanted
            : wanted == -1 ? child -> true : ofGroup(wanted == 0 ? parent.group() : -wanted);
    News news = await(parent, isMeant, options | WEXITED);
    if (news == null) {
      return 0;
    }
    if (a[1] != 0) {
      user.writeInt(task.space(), a[1], news.word);
    }
    if (a[3] != 0) {
      writeUsage(task, a[3], news);
    }
    return news.child.pid();
  }

  private static Predicate<Process> ofGroup(int group) {
    return child -> child.group() == group;
  }

  private long waitid(Task task, long[] a) {
    int options = (int) a[3];
    int states = options & (WEXITED | WSTOPPED | WCONTINUED);
    if ((options & ~(WNOHANG | WNOWAIT | WHOSE)) != states || states == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "waitid", options);
    }
    Process parent = task.process();
    int number = (int) a[1];
    Predicate<Process> isMeant =
        switch ((int) a[0]) {
          case P_ALL -> child -> true;
          case P_PID -> child -> child.pid() == positive(number);
          case P_PIDFD -> {
            Process meant = ofFile(parent, number);
            yield child -> child == meant;
          }
          case P_PGID -> ofGroup(number == 0 ? parent.group() : positive(number));
          default -> throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "waitid", a[0]);
        };
    boolean isOfNonBlocking = a[0] == P_PIDFD && parent.descriptors().get(number).isNonBlocking();
    News news = await(parent, isMeant, isOfNonBlocking ? options | WNOHANG : options);
    if (news == null && isOfNonBlocking && (options & WNOHANG) == 0) {
      throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, number);
    }
    if (a[2] != 0) {
      writeInfo(task, a[2], news);
    }
    if (a[4] != 0) {
      writeUsage(task, a[4], news);
    }
    return 0;
  }

  private void writeUsage(Task task, long va, @Nullable News news) {
    user.write(task.space(), va, new byte[UsageCallGroup.RUSAGE_SIZE]);
    if (news != null) {
      times.writeTimeval(task.space(), va, news.child.hartTime(clock.retired()));
    }
  }

  private Process ofFile(Process parent, int fd) {
    if (parent.descriptors().get(fd) instanceof Pidfd file) {
      return file.process();
    }
    throw refusal.of(Errno.EBADF, StepKind.BAD_DESCRIPTOR, fd);
  }

  private int positive(int number) {
    if (number <= 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "waitid", number);
    }
    return number;
  }

  private void writeInfo(Task task, long va, @Nullable News news) {
    user.writeInt(task.space(), va, news == null ? 0 : Signal.SIGCHLD.number());
    user.writeInt(task.space(), va + 4, 0);
    user.writeInt(task.space(), va + 8, news == null ? 0 : code(news.word));
    user.writeInt(task.space(), va + 16, news == null ? 0 : news.child.pid());
    user.writeInt(task.space(), va + 20, 0);
    user.writeInt(task.space(), va + 24, news == null ? 0 : status(news.word));
  }

  private static int code(int word) {
    if (word == CONTINUED) {
      return Siginfo.CLD_CONTINUED;
    }
    return switch (word & CORE_BIT_AND_SIGNAL) {
      case 0 -> Siginfo.CLD_EXITED;
      case CORE_BIT_AND_SIGNAL -> Siginfo.CLD_STOPPED;
      default -> Siginfo.CLD_KILLED;
    };
  }

  private static int status(int word) {
    return switch (code(word)) {
      case Siginfo.CLD_CONTINUED -> Signal.SIGCONT.number();
      case Siginfo.CLD_KILLED -> word & CORE_BIT_AND_SIGNAL;
      default -> word >> 8;
    };
  }

  /**
   * What there is to tell of children ({@code do_wait}).
   *
   * @return null when nothing is, and the call is not to wait
   */
  private @Nullable News await(Process parent, Predicate<Process> isMeant, int options) {
    News news = news(parent, isMeant, options);
    if (news == null) {
      if (!hasChild(parent, isMeant, options)) {
        throw refusal.of(Errno.ECHILD, StepKind.NO_CHILD, parent.pid());
      }
      if ((options & WNOHANG) == 0) {
        throw new Blocked(
            () -> news(parent, isMeant, options) != null || !hasChild(parent, isMeant, options));
      }
    } else if ((options & WNOWAIT) == 0) {
      if (news.child.isAlive()) {
        news.child.condition().hearNews();
      } else {
        processes.reap(parent, news.child);
      }
    }
    return news;
  }

  private static boolean hasChild(Process parent, Predicate<Process> isMeant, int options) {
    return parent.children().stream().anyMatch(child -> isEligible(child, isMeant, options));
  }

  private static boolean isEligible(Process child, Predicate<Process> isMeant, int options) {
    if (!isMeant.test(child)) {
      return false;
    }
    boolean isClone = child.exitSignal() != Signal.SIGCHLD.number();
    return (options & WALL) != 0 || isClone == ((options & WCLONE) != 0);
  }

  private static @Nullable News news(Process parent, Predicate<Process> isMeant, int options) {
    for (Process child : parent.children()) {
      if (isEligible(child, isMeant, options)) {
        int word = word(child, options);
        if (word >= 0) {
          return new News(child, word);
        }
      }
    }
    return null;
  }

  /** What is new of a child; -1 for nothing that is asked for. */
  private static int word(Process child, int options) {
    if (!child.isAlive()) {
      return (options & WEXITED) != 0 ? child.condition().endWord() : -1;
    }
    if ((options & WSTOPPED) != 0 && child.condition().stopWord() != 0) {
      return child.condition().stopWord();
    }
    return (options & WCONTINUED) != 0 && child.condition().continueWord() != 0
        ? child.condition().continueWord()
        : -1;
  }

  private long sched_yield(Task task, long[] a) {
    task.yieldTurn();
    return 0;
  }

  private long sched_getaffinity(Task task, long[] a) {
    if (a[1] < 8 || (a[1] & 7) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sched_getaffinity", a[1]);
    }
    Task asked = scheduled(task, (int) a[0]);
    user.writeLong(task.space(), a[2], asked.affinity() & online);
    return 8;
  }

  /** A mask that is shorter or longer is as if it ended in zeros. */
  private long sched_setaffinity(Task task, long[] a) {
    int length = (int) Math.min(a[1] & 0xffff_ffffL, Long.BYTES);
    byte[] bytes = user.read(task.space(), a[2], length);
    long mask = 0;
    for (int i = 0; i < length; i++) {
      mask |= (bytes[i] & 0xffL) << 8 * i;
    }
    Task asked = scheduled(task, (int) a[0]);
    if ((mask & online) == 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sched_setaffinity", mask);
    }
    asked.setAffinity(mask);
    if (!task.mayRunOn(Math.max(task.hart(), 0))) {
      // It goes on elsewhere when it has its next turn.
      task.yieldTurn();
    }
    return 0;
  }

  private Task scheduled(Task task, int tid) {
    Task asked = tid == 0 ? task : processes.findTask(tid);
    if (asked == null) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, tid);
    }
    return asked;
  }
}
