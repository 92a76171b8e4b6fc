package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.CloneFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.SymbolicLink;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.ProgramLoader;
import dev.faultline.kernel.process.Registers;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.Wait;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.ArrayList;
import java.util.List;

/** System calls by which threads and processes begin and end. */
final class CloneCallGroup implements CallGroup {
  /** {@code struct clone_args} as it first was, and up to the last member known here. */
  private static final int SMALLEST_ARGUMENTS = 64;

  private static final int ARGUMENTS = 88;
  private static final int PAGE = 4096;
  private static final int MOST_STRINGS = 0x7fff;

  /** What {@code clone} or {@code clone3} ask for. */
  private record Request(
      long flags, long exitSignal, long stack, long tls, long parentTid, long childTid) {}

  private final Processes processes;
  private final UserAccess user;
  private final PathArguments paths;
  private final Refusal refusal;

  CloneCallGroup(CallContext context) {
    this.processes = context.processes();
    this.user = context.user();
    this.paths = new PathArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(93, "exit", "d", this::exit),
        new SystemCall(94, "exit_group", "d", this::exit_group),
        new SystemCall(96, "set_tid_address", "x", this::set_tid_address),
        new SystemCall(220, "clone", "xxxxx", this::clone),
        new SystemCall(221, "execve", "sxx", this::execve),
        new SystemCall(281, "execveat", "asxxx", this::execveat),
        new SystemCall(435, "clone3", "xd", this::clone3));
  }

  private long exit(Task task, long[] a) {
    processes.exit(task, (int) a[0] & 0xff);
    return 0;
  }

  private long exit_group(Task task, long[] a) {
    processes.exit(task.process(), (int) a[0] & 0xff);
    return 0;
  }

  private long set_tid_address(Task task, long[] a) {
    task.setClearedAtExit(a[0]);
    return task.tid();
  }

  private long clone(Task task, long[] a) {
    long flags = a[0] & 0xffff_ffffL;
    return clone(
        task,
        new Request(
            flags & ~CloneFlag.EXIT_SIGNAL, flags & CloneFlag.EXIT_SIGNAL, a[1], a[3], a[2], a[4]));
  }

  private long clone3(Task task, long[] a) {
    if (Long.compareUnsigned(a[1], PAGE) > 0) {
      throw refusal.of(Errno.E2BIG, StepKind.BAD_ARGUMENT, "clone3", a[1]);
    }
    if (a[1] < SMALLEST_ARGUMENTS) {
      throw refused(a[1]);
    }
    for (byte b : user.read(task.space(), a[0] + ARGUMENTS, (int) Math.max(a[1] - ARGUMENTS, 0))) {
      if (b != 0) {
        throw refusal.of(Errno.E2BIG, StepKind.BAD_ARGUMENT, "clone3", a[1]);
      }
    }
    long[] members = new long[ARGUMENTS / 8];
    for (int i = 0; i < Math.min(a[1], ARGUMENTS) / 8; i++) {
      members[i] = user.readLong(task.space(), a[0] + 8L * i);
    }
    long flags = members[0];
    long exitSignal = members[4];
    long stack = members[5];
    long stackSize = members[6];
    boolean isPartOfGroup = CloneFlag.THREAD.in(flags) || CloneFlag.PARENT.in(flags);
    if ((flags & CloneFlag.EXIT_SIGNAL) != 0
        || exitSignal < 0
        || exitSignal > SignalActions.COUNT
        || isPartOfGroup && exitSignal != 0
        || (stack == 0) != (stackSize == 0)
        || CloneFlag.SIGHAND.in(flags) && CloneFlag.CLEAR_SIGHAND.in(flags)) {
      throw refused(flags);
    }
    if (members[8] != 0) {
      throw refusal.of(Errno.ENOSYS, StepKind.NOT_MODELLED, "clone3 with set_tid", members[8]);
    }
    return clone(
        task,
        new Request(flags, exitSignal, stack + stackSize, members[7], members[3], members[2]));
  }

  private RuntimeException refused(long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "clone", value);
  }

  /** {@code kernel_clone}. */
  private long clone(Task task, Request request) {
    long flags = request.flags;
    boolean isThread = CloneFlag.THREAD.in(flags);
    if (CloneFlag.NEWNS.in(flags) && CloneFlag.FS.in(flags)
        || isThread && !CloneFlag.SIGHAND.in(flags)
        || CloneFlag.SIGHAND.in(flags) && !CloneFlag.VM.in(flags)) {
      throw refused(flags);
    }
    boolean sharesAll = CloneFlag.FILES.in(flags) && CloneFlag.FS.in(flags);
    if (CloneFlag.notModelled(flags) != 0 || isThread && !sharesAll) {
      throw refusal.of(Errno.ENOSYS, StepKind.CLONE_NOT_MODELLED, flags);
    }
    Task child =
        isThread
            ? processes.cloneThread(task)
            : processes.clone(task, flags, (int) request.exitSignal).leader();
    begin(task, child, request);
    if (CloneFlag.VFORK.in(flags)) {
      Process made = child.process();
      task.sleep(Wait.until(() -> !made.isAlive() || made.hasExeced()).uninterruptible());
    }
    return child.tid();
  }

  private void begin(Task task, Task child, Request request) {
    long flags = request.flags;
    Registers registers = child.registers();
    registers.setInteger(Registers.A0, 0);
    if (request.stack != 0) {
      registers.setInteger(Registers.SP, request.stack);
    }
    if (CloneFlag.SETTLS.in(flags)) {
      registers.setInteger(Registers.TP, request.tls);
    }
    child.process().schedule();
    if (CloneFlag.PARENT_SETTID.in(flags)) {
      user.writeInt(task.space(), request.parentTid, child.tid());
    }
    if (CloneFlag.CHILD_SETTID.in(flags)) {
      user.writeInt(child.space(), request.childTid, child.tid());
    }
    if (CloneFlag.CHILD_CLEARTID.in(flags)) {
      child.setClearedAtExit(request.childTid);
    }
  }

  private List<byte[]> strings(Task task, long table) {
    List<byte[]> strings = new ArrayList<>();
    long bytes = 0;
    long at = table;
    while (at != 0) {
      long address = user.readLong(task.space(), at);
      if (address == 0) {
        break;
      }
      byte[] string = user.string(task.space(), address, ProgramLoader.LONGEST_STRING, Errno.E2BIG);
      bytes += string.length + 1;
      if (bytes > ProgramLoader.MOST_STRING_BYTES || strings.size() == MOST_STRINGS) {
        throw refusal.of(Errno.E2BIG, StepKind.ARGUMENTS_TOO_LONG, ProgramLoader.MOST_STRING_BYTES);
      }
      strings.add(string);
      at += 8;
    }
    return strings;
  }

  private long execve(Task task, long[] a) {
    String path = user.path(task.space(), a[0]);
    processes.exec(task, path, strings(task, a[1]), strings(task, a[2]));
    return 0;
  }

  /** A path that begins at a descriptor goes through {@code /dev/fd}, as in {@code alloc_bprm}. */
  private long execveat(Task task, long[] a) {
    int known = PathArguments.AT_EMPTY_PATH | PathArguments.AT_SYMLINK_NOFOLLOW;
    if ((a[4] & ~known) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "execveat", a[4]);
    }
    String path = user.path(task.space(), a[1]);
    if (paths.inode(task.process(), a[0], a[1], (int) a[4]) instanceof SymbolicLink) {
      throw refusal.of(Errno.ELOOP, StepKind.TOO_MANY_LINKS, path);
    }
    if ((int) a[0] != PathArguments.AT_FDCWD && !path.startsWith("/")) {
      path = "/dev/fd/" + (int) a[0] + (path.isEmpty() ? "" : "/" + path);
    }
    processes.exec(task, path, strings(task, a[2]), strings(task, a[3]));
    return 0;
  }
}
