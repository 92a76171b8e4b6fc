package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** System calls about who a thread is: numbers, groups, sessions, names. */
final class IdentityCallGroup implements CallGroup {
  private static final int NAME_FIELD = 65;

  /** {@code TASK_COMM_LEN}. */
  private static final int TASK_NAME = 16;

  /** {@code _LINUX_CAPABILITY_VERSION_1} to {@code _3}: the first has 32 of them, the others 64. */
  private static final int CAPABILITIES_1 = 0x1998_0330;

  private static final int CAPABILITIES_2 = 0x2007_1026;
  private static final int CAPABILITIES_3 = 0x2008_0522;

  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PR_GET_PDEATHSIG = 2;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_SET_NAME = 15;
  private static final int PR_CAPBSET_READ = 23;

  /** {@code CAP_LAST_CAP}; all are there, as {@code CapBnd} of {@code status} says. */
  private static final long LAST_CAPABILITY = 40;

  private static final int PR_GET_NAME = 16;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int PR_GET_CHILD_SUBREAPER = 37;
  private static final int PR_SET_NO_NEW_PRIVS = 38;

  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  IdentityCallGroup(CallContext context) {
    this.processes = context.processes();
    this.user = context.user();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(154, "setpgid", "dd", this::setpgid),
        SystemCall.ofProcess(155, "getpgid", "d", (p, a) -> asked(p, a[0]).group()),
        SystemCall.ofProcess(156, "getsid", "d", (p, a) -> asked(p, a[0]).session()),
        SystemCall.ofProcess(157, "setsid", "", this::setsid),
        SystemCall.ofProcess(90, "capget", "xx", this::capget),
        SystemCall.ofProcess(92, "personality", "x", this::personality),
        SystemCall.ofProcess(160, "uname", "x", this::uname),
        new SystemCall(167, "prctl", "dxxxx", this::prctl),
        SystemCall.ofProcess(172, "getpid", "", (p, a) -> p.pid()),
        SystemCall.ofProcess(173, "getppid", "", (p, a) -> p.parent()),
        new SystemCall(178, "gettid", "", (task, a) -> task.tid()));
  }

  private RuntimeException none(long pid) {
    return refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, pid);
  }

  /** A process by the number of one of its threads; 0 is the one that asks. */
  private Process asked(Process process, long number) {
    if (number == 0) {
      return process;
    }
    Task task = processes.findTask((int) number);
    Process found = task != null ? task.process() : processes.find((int) number);
    if (found == null || found.condition().isReaped()) {
      throw none(number);
    }
    return found;
  }

  /** Everybody has all of them. */
  private long capget(Process process, long[] a) {
    int version = user.readInt(process.space(), a[0]);
    if (version != CAPABILITIES_1 && version != CAPABILITIES_2 && version != CAPABILITIES_3) {
      user.writeInt(process.space(), a[0], CAPABILITIES_3);
      if (a[1] == 0) {
        return 0;
      }
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "capget", version);
    }
    int pid = user.readInt(process.space(), a[0] + Integer.BYTES);
    if (pid < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "capget", pid);
    }
    Process asked = asked(process, pid);
    long at = a[1];
    for (int word = 0; at != 0 && word < (version == CAPABILITIES_1 ? 1 : 2); word++) {
      int held = (int) (asked.credentials().capabilities() >>> Integer.SIZE * word);
      for (int set : new int[] {held, held, 0}) {
        user.writeInt(process.space(), at, set);
        at += Integer.BYTES;
      }
    }
    return 0;
  }

  private RuntimeException notAllowed(int pid) {
    return refusal.of(Errno.EPERM, StepKind.NOT_IN_SESSION, pid);
  }

  private long setpgid(Process process, long[] a) {
    int pid = (int) a[0] == 0 ? process.pid() : (int) a[0];
    int group = (int) a[1] == 0 ? pid : (int) a[1];
    if (group < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "setpgid", group);
    }
    Process target = processes.find(pid);
    if (target == null || target.condition().isReaped()) {
      throw none(pid);
    }
    if (target.parent() == process.pid()) {
      if (target.session() != process.session()) {
        throw notAllowed(pid);
      }
      if (target.hasExeced()) {
        throw refusal.of(Errno.EACCES, StepKind.HAS_EXECED, pid);
      }
    } else if (target != process) {
      throw none(pid);
    }
    boolean leadsSession = target.session() == pid;
    if (leadsSession || group != pid && !isGroupOf(process.session(), group)) {
      throw notAllowed(pid);
    }
    target.setGroup(group);
    return 0;
  }

  private boolean isGroupOf(int session, int group) {
    return processes.all().stream()
        .anyMatch(other ->
            !other.condition().isReaped() && other.group() == group && other.session() == session);
  }

  private long setsid(Process process, long[] a) {
    boolean leadsGroup =
        processes.all().stream()
            .anyMatch(other -> !other.condition().isReaped() && other.group() == process.pid());
    if (leadsGroup) {
      throw notAllowed(process.pid());
    }
    process.leadSession();
    return process.pid();
  }

  /** It is kept; nothing here behaves otherwise for it. */
  private long personality(Process process, long[] a) {
    int old = process.personality();
    if ((int) a[0] != -1) {
      process.setPersonality((int) a[0]);
    }
    return old;
  }

  private long uname(Process process, long[] a) {
    String[] fields = {
      "Linux", "faultline", "6.12.0-faultline", "#1 Faultline", "riscv64", "(none)"
    };
    byte[] bytes = new byte[fields.length * NAME_FIELD];
    for (int i = 0; i < fields.length; i++) {
      byte[] field = fields[i].getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(field, 0, bytes, i * NAME_FIELD, field.length);
    }
    user.write(process.space(), a[0], bytes);
    return 0;
  }

  private long prctl(Task task, long[] a) {
    Process process = task.process();
    switch ((int) a[0]) {
      case PR_SET_PDEATHSIG -> {
        if (Long.compareUnsigned(a[1], SignalActions.COUNT) > 0) {
          throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "prctl", a[1]);
        }
        process.setParentDeathSignal((int) a[1]);
      }
      case PR_GET_PDEATHSIG -> user.writeInt(process.space(), a[1], process.parentDeathSignal());
      case PR_SET_NAME -> task.rename(name(process, a[1]));
      case PR_GET_NAME -> {
        byte[] name = Arrays.copyOf(task.name().getBytes(StandardCharsets.UTF_8), TASK_NAME);
        name[TASK_NAME - 1] = 0;
        user.write(process.space(), a[1], name);
      }
      case PR_SET_CHILD_SUBREAPER -> process.setSubreaper(a[1] != 0);
      case PR_GET_CHILD_SUBREAPER ->
          user.writeInt(process.space(), a[1], process.isSubreaper() ? 1 : 0);
      case PR_GET_DUMPABLE -> {
        return 1;
      }
      case PR_CAPBSET_READ -> {
        if (Long.compareUnsigned(a[1], LAST_CAPABILITY) > 0) {
          throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "prctl", a[1]);
        }
        return 1;
      }
      case PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS -> {}
      default -> throw refusal.of(Errno.EINVAL, StepKind.NOT_MODELLED, "prctl", a[0]);
    }
    return 0;
  }

  private String name(Process process, long va) {
    byte[] bytes = user.read(process.space(), va, 1);
    int length = 0;
    byte[] name = new byte[TASK_NAME - 1];
    while (length < name.length && bytes[0] != 0) {
      name[length++] = bytes[0];
      bytes = user.read(process.space(), va + length, 1);
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }
}
