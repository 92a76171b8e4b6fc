package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.OpenFile;
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

  public PathCallGroup(
      Syscalls syscalls, FileSystem files, UserAccess user, Quota quota, ChangeLog log) {
    this.syscalls = syscalls;
    this.files = files;
    this.user = user;
    this.quota = quota;
    this.log = log;
    this.refusal = new Refusal(log);
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(17, "getcwd", "xd", this::getcwd),
        new SystemCall(34, "mkdirat", "aso", this::mkdirat),
        new SystemCall(35, "unlinkat", "asx", this::unlinkat),
        new SystemCall(36, "symlinkat", "sas", this::symlinkat),
        new SystemCall(37, "linkat", "asasx", this::linkat),
        new SystemCall(43, "statfs", "sx", this::statfs),
        new SystemCall(45, "truncate", "sd", this::truncate),
        new SystemCall(48, "faccessat", "asd", this::faccessat),
        new SystemCall(49, "chdir", "s", this::chdir),
        new SystemCall(50, "fchdir", "d", this::fchdir),
        new SystemCall(52, "fchmod", "do", this::fchmod),
        new SystemCall(53, "fchmodat", "aso", this::fchmodat),
        new SystemCall(54, "fchownat", "asdd", (p, a) -> exists(p, a)),
        new SystemCall(55, "fchown", "ddd", (p, a) -> isOpen(p, a[0])),
        new SystemCall(56, "openat", "asOo", this::openat),
        new SystemCall(78, "readlinkat", "asxd", this::readlinkat),
        new SystemCall(79, "newfstatat", "asxx", this::newfstatat),
        new SystemCall(88, "utimensat", "asxx", (p, a) -> a[1] == 0 ? 0 : exists(p, a)),
        new SystemCall(166, "umask", "o", this::umask),
        new SystemCall(276, "renameat2", "asasx", this::renameat2),
        new SystemCall(291, "statx", "asxxx", this::statx),
        new SystemCall(439, "faccessat2", "asdx", this::faccessat));
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

  private void checkFiles() {
    if (files.count() >= quota.files()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "files", quota.files());
    }
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
    Description open = process.descriptors().get((int) a[0]);
    if (open instanceof OpenFile file) {
      files.changeMode(file.file(), (int) a[1]);
    }
    return 0;
  }

  private long fchmodat(Process process, long[] a) {
    String path = path(process, a[1]);
    files.changeMode(start(process, a[0], path), path, (int) a[2]);
    return 0;
  }
}
