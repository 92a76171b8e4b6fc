package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Pidfd;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.SignalActions;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls on processes that are files ({@code kernel/pid.c}). */
final class PidfdCallGroup implements CallGroup {
  private final FileSystem files;
  private final Processes processes;
  private final UserAccess user;
  private final Refusal refusal;

  PidfdCallGroup(CallContext context) {
    this.files = context.files();
    this.processes = context.processes();
    this.user = context.user();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(424, "pidfd_send_signal", "ddxx", this::pidfd_send_signal),
        SystemCall.ofProcess(434, "pidfd_open", "dx", this::pidfd_open),
        SystemCall.ofProcess(438, "pidfd_getfd", "ddx", this::pidfd_getfd));
  }

  private RuntimeException refused(String call, long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, call, value);
  }

  private RuntimeException none(long pid) {
    return refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, pid);
  }

  private long pidfd_open(Process process, long[] a) {
    int pid = (int) a[0];
    if ((a[1] & ~OpenFlag.NONBLOCK.bit()) != 0 || pid <= 0) {
      throw refused("pidfd_open", pid <= 0 ? pid : a[1]);
    }
    Process found = processes.find(pid);
    if (found == null || found.condition().isReaped()) {
      // A thread that leads no process has no such file.
      throw processes.findTask(pid) != null ? refused("pidfd_open", pid) : none(pid);
    }
    int fd = process.descriptors().reserve();
    long inode = files.inodes().anonymousNumber();
    process.descriptors().install(fd, new Pidfd(inode, found, (int) a[1]));
    return fd;
  }

  private Process meant(Process process, long fd) {
    if (process.descriptors().get((int) fd) instanceof Pidfd file) {
      if (file.process().condition().isReaped()) {
        throw none(file.process().pid());
      }
      return file.process();
    }
    throw refusal.of(Errno.EBADF, StepKind.BAD_DESCRIPTOR, fd);
  }

  private long pidfd_send_signal(Process process, long[] a) {
    if (a[3] != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, a[3]);
    }
    Process target = meant(process, a[0]);
    int number = (int) a[1];
    if (number < 0 || number > SignalActions.COUNT) {
      throw refused("pidfd_send_signal", number);
    }
    int code = Siginfo.SI_USER;
    if (a[2] != 0) {
      if (user.readInt(process.space(), a[2]) != number) {
        throw refused("pidfd_send_signal", number);
      }
      code = user.readInt(process.space(), a[2] + 2 * Integer.BYTES);
      if (code >= 0 && target != process) {
        throw refusal.of(Errno.EPERM, StepKind.MAY_NOT_SIGNAL, target.pid());
      }
    }
    if (!process.credentials().maySignal(target.credentials())) {
      throw refusal.of(Errno.EPERM, StepKind.MAY_NOT_SIGNAL, target.pid());
    }
    if (number != 0) {
      processes.signals().send(target, Siginfo.from(number, code, process.pid()));
    }
    return 0;
  }

  private long pidfd_getfd(Process process, long[] a) {
    if (a[2] != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, a[2]);
    }
    Process target = meant(process, a[0]);
    Description open = target.isAlive() ? target.descriptors().get((int) a[1]) : null;
    if (open == null) {
      throw none(target.pid());
    }
    int fd = process.descriptors().reserve();
    process.descriptors().install(fd, open, true);
    return fd;
  }
}
