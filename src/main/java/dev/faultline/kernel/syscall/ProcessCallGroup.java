package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.ProgramLoader;
import dev.faultline.kernel.process.Registers;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** System calls that make, change and end processes. */
public final class ProcessCallGroup implements CallGroup {
  private static final long CLONE_VM = 0x100;
  private static final long CLONE_VFORK = 0x4000;
  private static final long CLONE_THREAD = 0x1_0000;
  private static final long CLONE_PARENT_SETTID = 0x10_0000;
  private static final long CLONE_CHILD_SETTID = 0x100_0000;
  private static final int WNOHANG = 1;
  private static final int NAME_FIELD = 65;
  private static final int RUSAGE_SIZE = 144;
  private static final int SYSINFO_SIZE = 112;
  private static final int MOST_ARGUMENTS = 0x7fff;

  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  public ProcessCallGroup(Processes processes, UserAccess user, ChangeLog log) {
    this.processes = processes;
    this.user = user;
    this.refusal = new Refusal(log);
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(93, "exit", "d", this::exit),
        new SystemCall(94, "exit_group", "d", this::exit),
        new SystemCall(96, "set_tid_address", "x", (p, a) -> p.pid()),
        new SystemCall(99, "set_robust_list", "xd", (p, a) -> 0),
        new SystemCall(98, "futex", "xddxxd", this::futex),
        new SystemCall(124, "sched_yield", "", (p, a) -> 0),
        new SystemCall(123, "sched_getaffinity", "ddx", this::sched_getaffinity),
        new SystemCall(154, "setpgid", "dd", (p, a) -> 0),
        new SystemCall(155, "getpgid", "d", (p, a) -> p.pid()),
        new SystemCall(156, "getsid", "d", (p, a) -> 1),
        new SystemCall(157, "setsid", "", (p, a) -> p.pid()),
        new SystemCall(158, "getgroups", "dx", (p, a) -> 0),
        new SystemCall(160, "uname", "x", this::uname),
        new SystemCall(165, "getrusage", "dx", (p, a) -> zeroes(p, a[1], RUSAGE_SIZE)),
        new SystemCall(167, "prctl", "dxxxx", (p, a) -> 0),
        new SystemCall(172, "getpid", "", (p, a) -> p.pid()),
        new SystemCall(173, "getppid", "", (p, a) -> p.parent()),
        new SystemCall(174, "getuid", "", (p, a) -> 0),
        new SystemCall(175, "geteuid", "", (p, a) -> 0),
        new SystemCall(176, "getgid", "", (p, a) -> 0),
        new SystemCall(177, "getegid", "", (p, a) -> 0),
        new SystemCall(178, "gettid", "", (p, a) -> p.pid()),
        new SystemCall(179, "sysinfo", "x", (p, a) -> zeroes(p, a[0], SYSINFO_SIZE)),
        new SystemCall(220, "clone", "xxxxx", this::clone),
        new SystemCall(221, "execve", "sxx", this::execve),
        new SystemCall(260, "wait4", "dxdx", this::wait4));
  }

  private long zeroes(Process process, long address, int length) {
    user.write(process.space(), address, new byte[length]);
    return 0;
  }

  private long exit(Process process, long[] a) {
    processes.exit(process, (int) a[0] & 0xff);
    return 0;
  }

  private long clone(Process process, long[] a) {
    long flags = a[0];
    if ((flags & CLONE_THREAD) != 0) {
      throw refusal.of(Errno.ENOSYS, StepKind.NO_THREADS);
    }
    Process child = processes.fork(process);
    child.registers().setInteger(Registers.A0, 0);
    if (a[1] != 0) {
      child.registers().setInteger(Registers.SP, a[1]);
    }
    child.schedule();
    if ((flags & CLONE_PARENT_SETTID) != 0) {
      user.writeInt(process.space(), a[2], child.pid());
    }
    if ((flags & CLONE_CHILD_SETTID) != 0) {
      user.writeInt(child.space(), a[4], child.pid());
    }
    if ((flags & CLONE_VFORK) != 0) {
      process.sleep(() -> !child.isAlive() || child.hasExeced(), false);
    }
    return child.pid();
  }

  private List<byte[]> strings(Process process, long table) {
    List<byte[]> strings = new ArrayList<>();
    long bytes = 0;
    long at = table;
    while (at != 0) {
      long address = user.readLong(process.space(), at);
      if (address == 0) {
        break;
      }
      byte[] string =
          user.string(process.space(), address, ProgramLoader.LONGEST_STRING, Errno.E2BIG);
      bytes += string.length + 1;
      if (bytes > ProgramLoader.MOST_STRING_BYTES || strings.size() == MOST_ARGUMENTS) {
        throw refusal.of(Errno.E2BIG, StepKind.ARGUMENTS_TOO_LONG, ProgramLoader.MOST_STRING_BYTES);
      }
      strings.add(string);
      at += 8;
    }
    return strings;
  }

  private long execve(Process process, long[] a) {
    String path = user.path(process.space(), a[0]);
    processes.exec(process, path, strings(process, a[1]), strings(process, a[2]));
    return 0;
  }

  private long wait4(Process process, long[] a) {
    int wanted = (int) a[0];
    boolean hasChild = false;
    for (Process child : processes.all()) {
      boolean isMeant = child.parent() == process.pid() && (wanted <= 0 || child.pid() == wanted);
      if (!isMeant || child.isReaped()) {
        continue;
      }
      hasChild = true;
      if (!child.isAlive()) {
        if (a[1] != 0) {
          user.writeInt(process.space(), a[1], child.waitStatus());
        }
        child.reap();
        return child.pid();
      }
    }
    if (!hasChild) {
      throw refusal.of(Errno.ECHILD, StepKind.NO_CHILD, process.pid());
    }
    if ((a[2] & WNOHANG) != 0) {
      return 0;
    }
    throw new Blocked(() -> hasEnded(process, wanted));
  }

  private boolean hasEnded(Process parent, int wanted) {
    return processes.all().stream()
        .anyMatch(child ->
            child.parent() == parent.pid()
                && (wanted <= 0 || child.pid() == wanted)
                && !child.isAlive()
                && !child.isReaped());
  }

  /** Nobody else is in this address space: a wait for another value would never end. */
  private long futex(Process process, long[] a) {
    int operation = (int) a[1] & 0x7f;
    boolean waits = operation == 0 || operation == 9;
    if (!waits) {
      return 0;
    }
    if (user.readInt(process.space(), a[0]) != (int) a[2]) {
      throw refusal.of(Errno.EAGAIN, StepKind.BAD_ARGUMENT, "futex", a[2]);
    }
    throw new Blocked(() -> false);
  }

  private long sched_getaffinity(Process process, long[] a) {
    if (a[1] < 8) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sched_getaffinity", a[1]);
    }
    user.writeLong(process.space(), a[2], 1);
    return 8;
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
}
