package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.Status;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Quota;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** System calls on paths. */
public final class PathCallGroup implements CallGroup {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int RENAME_NOREPLACE = 1;
  private static final int STATFS_SIZE = 120;

  private final Syscalls syscalls;
  private final FileSystem files;
  private final UserAccess user;
  private final Quota quota;
  private final ChangeLog log;
  private final Refusal refusal;

  public PathCallGroup(CallContext context) {
    this.syscalls = context.syscalls();
    this.files = context.files();
    this.user = context.user();
    this.quota = context.quota();
    this.log = context.log();
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(17, "getcwd", "xd", this::getcwd),
        SystemCall.ofProcess(34, "mkdirat", "aso", this::mkdirat),
        SystemCall.ofProcess(35, "unlinkat", "asx", this::unlinkat),
        SystemCall.ofProcess(36, "symlinkat", "sas", this::symlinkat),
        SystemCall.ofProcess(37, "linkat", "asasx", this::linkat),
        SystemCall.ofProcess(43, "statfs", "sx", this::statfs),
        SystemCall.ofProcess(45, "truncate", "sd", this::truncate),
        SystemCall.ofProcess(48, "faccessat", "asd", this::faccessat),
        SystemCall.ofProcess(49, "chdir", "s", this::chdir),
        SystemCall.ofProcess(50, "fchdir", "d", this::fchdir),
        SystemCall.ofProcess(52, "fchmod", "do", this::fchmod),
        SystemCall.ofProcess(53, "fchmodat", "aso", this::fchmodat),
        SystemCall.ofProcess(54, "fchownat", "asdd", (p, a) -> exists(p, a)),
        SystemCall.ofProcess(55, "fchown", "ddd", (p, a) -> isOpen(p, a[0])),
        SystemCall.ofProcess(56, "openat", "asOo", this::openat),
        SystemCall.ofProcess(78, "readlinkat", "asxd", this::readlinkat),
        SystemCall.ofProcess(79, "newfstatat", "asxx", this::newfstatat),
        SystemCall.ofProcess(88, "utimensat", "asxx", (p, a) -> a[1] == 0 ? 0 : exists(p, a)),
        SystemCall.ofProcess(166, "umask", "o", this::umask),
        SystemCall.ofProcess(276, "renameat2", "asasx", this::renameat2),
        SystemCall.ofProcess(291, "statx", "asxxx", this::statx),
        SystemCall.ofProcess(439, "faccessat2", "asdx", this::faccessat));
  }

  private String path(Process process, long address) {
    String path = user.path(process.space(), address);
    if (log.stringCount() >= quota.strings()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "strings", quota.strings());
    }
    return path;
  }

  /** Where a relative path begins. */
  private Directory start(Process process, long fd, String path) {
    if ((int) fd == AT_FDCWD || path.startsWith("/")) {
      return process.directory();
    }
    if (process.descriptors().get((int) fd) instanceof OpenDirectory directory) {
      return directory.directory();
    }
    throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, "descriptor " + (int) fd);
  }

  private long isOpen(Process process, long fd) {
    process.descriptors().get((int) fd);
    return 0;
  }

  private long exists(Process process, long[] a) {
    String path = path(process, a[1]);
    files.status(start(process, a[0], path), path, true);
    return 0;
  }

  /** Directories and links are no files, but every one has a name. */
  private void checkNames() {
    if (files.names() >= quota.strings()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "strings", quota.strings());
    }
  }

  private void checkFiles() {
    if (files.count() >= quota.files()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "files", quota.files());
    }
    checkNames();
  }

  private long openat(Process process, long[] a) {
    String path = path(process, a[1]);
    int flags = (int) a[2];
    if (OpenFlag.CREAT.in(flags)) {
      checkFiles();
    }
    return syscalls.open(
        process, start(process, a[0], path), path, flags, (int) a[3] & ~process.umask());
  }

  private Status status(Process process, long fd, long address, int flags) {
    String path = (flags & AT_EMPTY_PATH) != 0 && address == 0 ? "" : path(process, address);
    if (path.isEmpty() && (flags & AT_EMPTY_PATH) != 0) {
      return (int) fd == AT_FDCWD
          ? process.directory().status()
          : process.descriptors().get((int) fd).status();
    }
    boolean follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    return files.status(start(process, fd, path), path, follow);
  }

  private long newfstatat(Process process, long[] a) {
    Status status = status(process, a[0], a[1], (int) a[3]);
    user.write(process.space(), a[2], StatusBytes.stat(status));
    return 0;
  }

  private long statx(Process process, long[] a) {
    Status status = status(process, a[0], a[1], (int) a[2]);
    user.write(process.space(), a[4], StatusBytes.statx(status));
    return 0;
  }

  private long statfs(Process process, long[] a) {
    String path = path(process, a[0]);
    files.status(process.directory(), path, true);
    user.write(process.space(), a[1], new byte[STATFS_SIZE]);
    return 0;
  }

  /** Root may read and write everything, and execute what anybody may. */
  private long faccessat(Process process, long[] a) {
    Status status = status(process, a[0], a[1], 0);
    if ((a[2] & 1) != 0 && !status.isDirectory() && (status.mode() & 0111) == 0) {
      throw refusal.of(Errno.EACCES, StepKind.NOT_EXECUTABLE, path(process, a[1]));
    }
    return 0;
  }

  private long readlinkat(Process process, long[] a) {
    String path = path(process, a[1]);
    if (a[3] <= 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "readlinkat", a[3]);
    }
    String target = files.readLink(start(process, a[0], path), path);
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
    process.setDirectory(files.directory(process.directory(), path(process, a[0])));
    return 0;
  }

  private long fchdir(Process process, long[] a) {
    process.setDirectory(start(process, a[0], "."));
    return 0;
  }

  private long umask(Process process, long[] a) {
    int old = process.umask();
    process.setUmask((int) a[0]);
    return old;
  }

  private long mkdirat(Process process, long[] a) {
    String path = path(process, a[1]);
    checkFiles();
    files.makeDirectory(start(process, a[0], path), path, (int) a[2] & ~process.umask());
    return 0;
  }

  private long unlinkat(Process process, long[] a) {
    String path = path(process, a[1]);
    Directory start = start(process, a[0], path);
    if ((a[2] & AT_REMOVEDIR) != 0) {
      files.removeDirectory(start, path);
    } else {
      files.unlink(start, path);
    }
    return 0;
  }

  private long symlinkat(Process process, long[] a) {
    String target = path(process, a[0]);
    String path = path(process, a[2]);
    checkFiles();
    files.makeLink(start(process, a[1], path), path, target);
    return 0;
  }

  private long linkat(Process process, long[] a) {
    String path = path(process, a[1]);
    String newPath = path(process, a[3]);
    checkNames();
    files.link(start(process, a[0], path), path, start(process, a[2], newPath), newPath);
    return 0;
  }

  private long renameat2(Process process, long[] a) {
    String path = path(process, a[1]);
    String newPath = path(process, a[3]);
    Directory to = start(process, a[2], newPath);
    if (a[4] == RENAME_NOREPLACE) {
      files.checkFree(to, newPath);
    } else if (a[4] != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "renameat2", a[4]);
    }
    files.rename(start(process, a[0], path), path, to, newPath);
    return 0;
  }

  private long truncate(Process process, long[] a) {
    String path = path(process, a[0]);
    syscalls.ftruncate(syscalls.byPath(path), -1, a[1]);
    return 0;
  }

  private long fchmod(Process process, long[] a) {
    syscalls.fchmod(process, (int) a[0], (int) a[1]);
    return 0;
  }

  private long fchmodat(Process process, long[] a) {
    String path = path(process, a[1]);
    files.changeMode(start(process, a[0], path), path, (int) a[2]);
    return 0;
  }
}
