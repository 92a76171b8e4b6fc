package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.Inode;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.Permissions;
import dev.faultline.kernel.fs.PipeEnd;
import dev.faultline.kernel.fs.Status;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Quota;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** System calls on paths. */
final class PathCallGroup implements CallGroup {
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_EACCESS = 0x200;
  private static final int RENAME_NOREPLACE = 1;

  private final Syscalls syscalls;
  private final FileSystem files;
  private final UserAccess user;
  private final Quota quota;
  private final PathArguments paths;
  private final FileTransfer transfer;
  private final Refusal refusal;

  PathCallGroup(CallContext context) {
    this.syscalls = context.syscalls();
    this.files = context.files();
    this.user = context.user();
    this.quota = context.quota();
    this.paths = new PathArguments(context);
    this.transfer = new FileTransfer(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(17, "getcwd", "xd", this::getcwd),
        SystemCall.ofProcess(33, "mknodat", "aso", this::mknodat),
        SystemCall.ofProcess(34, "mkdirat", "aso", this::mkdirat),
        SystemCall.ofProcess(35, "unlinkat", "asx", this::unlinkat),
        SystemCall.ofProcess(36, "symlinkat", "sas", this::symlinkat),
        SystemCall.ofProcess(37, "linkat", "asasx", this::linkat),
        SystemCall.ofProcess(45, "truncate", "sd", this::truncate),
        SystemCall.ofProcess(48, "faccessat", "asd", this::faccessat),
        SystemCall.ofProcess(49, "chdir", "s", this::chdir),
        SystemCall.ofProcess(50, "fchdir", "d", this::fchdir),
        new SystemCall(56, "openat", "asOo", this::openat),
        SystemCall.ofProcess(78, "readlinkat", "asxd", this::readlinkat),
        SystemCall.ofProcess(79, "newfstatat", "asxx", this::newfstatat),
        SystemCall.ofProcess(166, "umask", "o", this::umask),
        SystemCall.ofProcess(276, "renameat2", "asasx", this::renameat2),
        SystemCall.ofProcess(291, "statx", "asxxx", this::statx),
        SystemCall.ofProcess(439, "faccessat2", "asdx", this::faccessat2));
  }

  /** Directories and links are no files, but every one has a name. */
  private void checkNames() {
    if (files.names().count() >= quota.strings()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "strings", quota.strings());
    }
  }

  private void checkFiles() {
    if (files.inodes().count() >= quota.files()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "files", quota.files());
    }
    checkNames();
  }

  private long openat(Task task, long[] a) {
    Process process = task.process();
    if (task.unfinishedCall() instanceof FifoOpening opening) {
      return opened(task, opening.end());
    }
    String path = paths.path(process, a[1]);
    int flags = (int) a[2];
    if (OpenFlag.CREAT.in(flags)) {
      checkFiles();
    }
    process.descriptors().reserve();
    Directory start = paths.start(process, a[0], path);
    int mode = (int) a[3] & ~process.umask();
    return opened(task, syscalls.description(process, start, path, flags, mode));
  }

  /** A FIFO is open once somebody has come to its other side ({@code fifo_open}). */
  private long opened(Task task, Description open) {
    if (open instanceof PipeEnd end && end.isFifo() && !end.isNonBlocking() && !end.hasMet()) {
      if (!(task.unfinishedCall() instanceof FifoOpening)) {
        task.setUnfinishedCall(new FifoOpening(end, files));
      }
      throw new Blocked(end::hasMet);
    }
    int fd = task.process().descriptors().reserve();
    task.process().descriptors().install(fd, open);
    return fd;
  }

  private long newfstatat(Process process, long[] a) {
    Status status = paths.status(process, a[0], a[1], (int) a[3]);
    user.write(process.space(), a[2], StatusBytes.stat(status));
    return 0;
  }

  private long statx(Process process, long[] a) {
    Status status = paths.status(process, a[0], a[1], (int) a[2]);
    user.write(process.space(), a[4], StatusBytes.statx(status));
    return 0;
  }

  private long faccessat(Process process, long[] a) {
    return access(process, a, 0);
  }

  private long faccessat2(Process process, long[] a) {
    int known = AT_EACCESS | PathArguments.AT_SYMLINK_NOFOLLOW | PathArguments.AT_EMPTY_PATH;
    if ((a[3] & ~known) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "faccessat2", a[3]);
    }
    return access(process, a, (int) a[3]);
  }

  private long access(Process process, long[] a, int flags) {
    int all = Permissions.READ | Permissions.WRITE | Permissions.EXECUTE;
    if ((a[2] & ~all) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "faccessat", a[2]);
    }
    if ((flags & AT_EACCESS) == 0) {
      files.permissions().actAs(process.credentials().realSubject());
    }
    Inode inode = paths.inode(process, a[0], a[1], flags);
    files.permissions().check(inode, (int) a[2], paths.path(process, a[1]));
    return 0;
  }

  private long readlinkat(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    if (a[3] <= 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "readlinkat", a[3]);
    }
    String target = files.readLink(paths.start(process, a[0], path), path);
    byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
    byte[] fitting = Arrays.copyOf(bytes, (int) Math.min(bytes.length, a[3]));
    user.write(process.space(), a[2], fitting);
    return fitting.length;
  }

  private long getcwd(Process process, long[] a) {
    byte[] path = (process.directory().path() + "\0").getBytes(StandardCharsets.UTF_8);
    if (path.length > a[1]) {
      throw refusal.of(Errno.ERANGE, StepKind.BAD_ARGUMENT, "getcwd", a[1]);
    }
    user.write(process.space(), a[0], path);
    return path.length;
  }

  private long chdir(Process process, long[] a) {
    return enter(process, paths.path(process, a[0]), process.directory());
  }

  private long fchdir(Process process, long[] a) {
    return enter(process, ".", paths.start(process, a[0], "."));
  }

  private long enter(Process process, String path, Directory start) {
    Directory directory = files.directory(start, path);
    files.permissions().check(directory, Permissions.EXECUTE, path);
    process.setDirectory(directory);
    return 0;
  }

  private long umask(Process process, long[] a) {
    int old = process.umask();
    process.setUmask((int) a[0]);
    return old;
  }

  /** Regular files and FIFOs: to make devices is not for root in a container. */
  private long mknodat(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    int type = (int) a[2] & Status.TYPE;
    if (type != 0 && type != Status.REGULAR && type != Status.PIPE) {
      throw refusal.of(Errno.EPERM, StepKind.BAD_ARGUMENT, "mknodat", type);
    }
    checkFiles();
    Directory start = paths.start(process, a[0], path);
    int mode = (int) a[2] & ~process.umask();
    if (type == Status.PIPE) {
      files.names().makeFifo(start, path, mode, process.credentials().owner());
    } else {
      files.names().makeFile(start, path, mode, process.credentials().owner());
    }
    return 0;
  }

  private long mkdirat(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    checkFiles();
    Directory start = paths.start(process, a[0], path);
    int mode = (int) a[2] & ~process.umask();
    files.names().makeDirectory(start, path, mode, process.credentials().owner());
    return 0;
  }

  private long unlinkat(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    Directory start = paths.start(process, a[0], path);
    if ((a[2] & AT_REMOVEDIR) != 0) {
      files.names().removeDirectory(start, path);
    } else {
      files.names().unlink(start, path);
    }
    return 0;
  }

  private long symlinkat(Process process, long[] a) {
    String target = paths.path(process, a[0]);
    String path = paths.path(process, a[2]);
    checkFiles();
    Directory start = paths.start(process, a[1], path);
    files.names().makeLink(start, path, target, process.credentials().owner());
    return 0;
  }

  private long linkat(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    String newPath = paths.path(process, a[3]);
    checkNames();
    files
        .names()
        .link(paths.start(process, a[0], path), path, paths.start(process, a[2], newPath), newPath);
    return 0;
  }

  private long renameat2(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    String newPath = paths.path(process, a[3]);
    Directory to = paths.start(process, a[2], newPath);
    if (a[4] == RENAME_NOREPLACE) {
      files.names().checkFree(to, newPath);
    } else if (a[4] != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "renameat2", a[4]);
    }
    files.names().rename(paths.start(process, a[0], path), path, to, newPath);
    return 0;
  }

  private long truncate(Process process, long[] a) {
    String path = paths.path(process, a[0]);
    syscalls.refuseNegative(a[1]);
    OpenFile file = syscalls.byPath(process.directory(), path);
    files.permissions().check(file.file(), Permissions.WRITE, path);
    transfer.checkRoom(file.file(), a[1]);
    syscalls.ftruncate(file, -1, a[1]);
    return 0;
  }
}
