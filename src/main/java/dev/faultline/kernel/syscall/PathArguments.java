package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.Inode;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.Status;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** Paths in user memory, and what the calls ending in {@code at} mean by them. */
final class PathArguments {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_EMPTY_PATH = 0x1000;

  private final FileSystem files;
  private final UserAccess user;
  private final Refusal refusal;

  PathArguments(CallContext context) {
    this.files = context.files();
    this.user = context.user();
    this.refusal = context.refusal();
  }

  String path(Process process, long address) {
    return user.path(process.space(), address);
  }

  /** Where a relative path begins. */
  Directory start(Process process, long fd, String path) {
    if (path.isEmpty()) {
      throw refusal.of(Errno.ENOENT, StepKind.NO_SUCH_FILE, path);
    }
    if ((int) fd == AT_FDCWD || path.startsWith("/")) {
      return process.directory();
    }
    if (process.descriptors().get((int) fd) instanceof OpenDirectory directory) {
      return directory.directory();
    }
    throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, "descriptor " + (int) fd);
  }

  /** What a descriptor and a path lead to. */
  Inode inode(Process process, long fd, long address, int flags) {
    String path = (flags & AT_EMPTY_PATH) != 0 && address == 0 ? "" : path(process, address);
    if (path.isEmpty() && (flags & AT_EMPTY_PATH) != 0) {
      return (int) fd == AT_FDCWD
          ? process.directory()
          : process.descriptors().get((int) fd).file();
    }
    boolean follow = (flags & AT_SYMLINK_NOFOLLOW) == 0;
    return files.existing(start(process, fd, path), path, follow);
  }

  Status status(Process process, long fd, long address, int flags) {
    return inode(process, fd, address, flags).status();
  }
}
