package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.AnonymousInodes;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.FileWatches;
import dev.faultline.kernel.fs.Inode;
import dev.faultline.kernel.fs.Inotify;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** Watching files and directories ({@code inotify(7)}). */
final class InotifyCallGroup implements CallGroup {
  private static final int MODES = OpenFlag.CLOEXEC.bit() | OpenFlag.NONBLOCK.bit();
  private static final int ONLYDIR = 0x0100_0000;
  private static final int DONT_FOLLOW = 0x0200_0000;
  private static final int EXCL_UNLINK = 0x0400_0000;
  private static final int MASK_CREATE = 0x1000_0000;
  private static final int MASK_ADD = 0x2000_0000;
  private static final int ONESHOT = 0x8000_0000;
  private static final int KEPT = FileWatches.ALL_EVENTS | EXCL_UNLINK | ONESHOT;

  /** {@code max_user_watches}. */
  private static final int MOST_WATCHES = 8192;

  /** {@code max_user_instances}. */
  private static final int MOST_INSTANCES = 128;

  private final FileSystem files;
  private final PathArguments paths;
  private final Refusal refusal;

  InotifyCallGroup(CallContext context) {
    this.files = context.files();
    this.paths = new PathArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(26, "inotify_init1", "x", this::inotify_init1),
        SystemCall.ofProcess(27, "inotify_add_watch", "dsx", this::inotify_add_watch),
        SystemCall.ofProcess(28, "inotify_rm_watch", "dd", this::inotify_rm_watch));
  }

  private RuntimeException refused(String call, long value) {
    return refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, call, value);
  }

  private long inotify_init1(Process process, long[] a) {
    if ((a[0] & ~MODES) != 0) {
      throw refused("inotify_init1", a[0]);
    }
    if (files.watches().watchers() >= MOST_INSTANCES) {
      throw refusal.of(Errno.EMFILE, StepKind.NO_ROOM, "inotify instances", MOST_INSTANCES);
    }
    int fd = process.descriptors().reserve();
    Inotify made = new AnonymousInodes(files).inotify((int) a[0]);
    process.descriptors().install(fd, made);
    return fd;
  }

  private Inotify inotify(Process process, long fd) {
    if (process.descriptors().get((int) fd) instanceof Inotify found) {
      return found;
    }
    throw refused("inotify", fd);
  }

  private long inotify_add_watch(Process process, long[] a) {
    int mask = (int) a[2];
    boolean adds = (mask & MASK_ADD) != 0;
    if ((mask & KEPT) == 0 || adds && (mask & MASK_CREATE) != 0) {
      throw refused("inotify_add_watch", mask);
    }
    Inotify inotify = inotify(process, a[0]);
    int flags = (mask & DONT_FOLLOW) != 0 ? PathArguments.AT_SYMLINK_NOFOLLOW : 0;
    Inode file = paths.inode(process, PathArguments.AT_FDCWD, a[1], flags);
    if ((mask & ONLYDIR) != 0 && !(file instanceof Directory)) {
      throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, paths.path(process, a[1]));
    }
    boolean isThere = inotify.watches(file);
    if (isThere && (mask & MASK_CREATE) != 0) {
      throw refusal.of(Errno.EEXIST, StepKind.FILE_EXISTS, paths.path(process, a[1]));
    }
    if (!isThere && files.watches().count() >= MOST_WATCHES) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "watches of files", MOST_WATCHES);
    }
    return inotify.watch(file, mask & KEPT, adds);
  }

  private long inotify_rm_watch(Process process, long[] a) {
    if (!inotify(process, a[0]).unwatch((int) a[1])) {
      throw refused("inotify_rm_watch", a[1]);
    }
    return 0;
  }
}
