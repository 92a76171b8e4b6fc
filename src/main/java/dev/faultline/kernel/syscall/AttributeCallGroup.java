package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Attributes;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.FileWatches;
import dev.faultline.kernel.fs.Inode;
import dev.faultline.kernel.fs.SymbolicLink;
import dev.faultline.kernel.fs.Volume;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Clock;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Quota;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * System calls on what files are besides their bytes: permissions, owners, times, and the file
 * system that they lie in. It keeps no extended attributes, and answers as those do that have none.
 */
final class AttributeCallGroup implements CallGroup {
  private static final int AT_FDCWD = PathArguments.AT_FDCWD;
  private static final int NOFOLLOW = PathArguments.AT_SYMLINK_NOFOLLOW;
  private static final long UTIME_NOW = 0x3fff_ffff;
  private static final long UTIME_OMIT = 0x3fff_fffe;
  private static final long BILLION = TimeArguments.BILLION;

  private static final int STATFS_SIZE = 120;
  private static final int BLOCK = 4096;
  private static final int LONGEST_NAME = 255;

  private final Syscalls syscalls;
  private final FileSystem files;
  private final UserAccess user;
  private final Clock clock;
  private final Quota quota;
  private final PathArguments paths;
  private final Refusal refusal;

  AttributeCallGroup(CallContext context) {
    this.syscalls = context.syscalls();
    this.files = context.files();
    this.user = context.user();
    this.clock = context.clock();
    this.quota = context.quota();
    this.paths = new PathArguments(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(5, "setxattr", "ssxdx", (p, a) -> noAttribute(atPath(p, a, 0))),
        SystemCall.ofProcess(
            6, "lsetxattr", "ssxdx", (p, a) -> noAttribute(atPath(p, a, NOFOLLOW))),
        SystemCall.ofProcess(7, "fsetxattr", "dsxdx", (p, a) -> noAttribute(open(p, a))),
        SystemCall.ofProcess(8, "getxattr", "ssxd", (p, a) -> noAttribute(atPath(p, a, 0))),
        SystemCall.ofProcess(9, "lgetxattr", "ssxd", (p, a) -> noAttribute(atPath(p, a, NOFOLLOW))),
        SystemCall.ofProcess(10, "fgetxattr", "dsxd", (p, a) -> noAttribute(open(p, a))),
        SystemCall.ofProcess(11, "listxattr", "sxd", (p, a) -> nothing(atPath(p, a, 0))),
        SystemCall.ofProcess(12, "llistxattr", "sxd", (p, a) -> nothing(atPath(p, a, NOFOLLOW))),
        SystemCall.ofProcess(13, "flistxattr", "dxd", (p, a) -> nothing(open(p, a))),
        SystemCall.ofProcess(14, "removexattr", "ss", (p, a) -> noAttribute(atPath(p, a, 0))),
        SystemCall.ofProcess(
            15, "lremovexattr", "ss", (p, a) -> noAttribute(atPath(p, a, NOFOLLOW))),
        SystemCall.ofProcess(16, "fremovexattr", "ds", (p, a) -> noAttribute(open(p, a))),
        SystemCall.ofProcess(43, "statfs", "sx", (p, a) -> statfs(p, atPath(p, a, 0), a[1])),
        SystemCall.ofProcess(44, "fstatfs", "dx", (p, a) -> statfs(p, open(p, a), a[1])),
        SystemCall.ofProcess(52, "fchmod", "do", this::fchmod),
        SystemCall.ofProcess(53, "fchmodat", "aso", this::fchmodat),
        SystemCall.ofProcess(54, "fchownat", "asddx", this::fchownat),
        SystemCall.ofProcess(55, "fchown", "ddd", (p, a) -> own(open(p, a), a[1], a[2])),
        SystemCall.ofProcess(452, "fchmodat2", "asox", this::fchmodat2),
        SystemCall.ofProcess(88, "utimensat", "asxx", this::utimensat));
  }

  private Inode atPath(Process process, long[] a, int flags) {
    return paths.inode(process, AT_FDCWD, a[0], flags);
  }

  private static Inode open(Process process, long[] a) {
    return process.descriptors().get((int) a[0]).file();
  }

  private long noAttribute(Inode inode) {
    throw refusal.of(Errno.EOPNOTSUPP, StepKind.NO_ATTRIBUTES, inode.number());
  }

  /** What is asked about is there; there is nothing to tell or to do. */
  private static long nothing(Inode inode) {
    return inode.number() & 0;
  }

  private long statfs(Process process, Inode inode, long address) {
    Volume volume = inode.status().volume();
    ByteBuffer bytes =
        ByteBuffer.allocate(STATFS_SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(0, volume.magic())
            .putLong(8, BLOCK)
            .putLong(64, LONGEST_NAME)
            .putLong(72, BLOCK);
    if (volume == Volume.DISK) {
      long free = Math.max(quota.fileBytes() - files.inodes().bytes(), 0) / BLOCK;
      bytes
          .putLong(16, quota.fileBytes() / BLOCK)
          .putLong(24, free)
          .putLong(32, free)
          .putLong(40, quota.files())
          .putLong(48, Math.max(quota.files() - files.inodes().count(), 0));
    }
    user.write(process.space(), address, bytes.array());
    return 0;
  }

  private long fchmod(Process process, long[] a) {
    syscalls.fchmod(process, (int) a[0], (int) a[1]);
    return 0;
  }

  private long fchmodat(Process process, long[] a) {
    String path = paths.path(process, a[1]);
    files.changeMode(paths.start(process, a[0], path), path, (int) a[2]);
    return 0;
  }

  /** No file system here keeps the mode of a symbolic link. */
  private long fchmodat2(Process process, long[] a) {
    int known = NOFOLLOW | PathArguments.AT_EMPTY_PATH;
    if ((a[3] & ~known) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "fchmodat2", a[3]);
    }
    Inode inode = paths.inode(process, a[0], a[1], (int) a[3]);
    if (inode instanceof SymbolicLink) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.NO_ATTRIBUTES, inode.number());
    }
    files.changeMode(inode, (int) a[2], paths.path(process, a[1]));
    return 0;
  }

  private long fchownat(Process process, long[] a) {
    return own(paths.inode(process, a[0], a[1], (int) a[4]), a[2], a[3]);
  }

  /** A number of -1 leaves what is. */
  private long own(Inode inode, long user, long group) {
    Attributes.Owner before = inode.status().owner();
    int newUser = (int) user == -1 ? before.user() : (int) user;
    int newGroup = (int) group == -1 ? before.group() : (int) group;
    var after = new Attributes.Owner(newUser, newGroup);
    files.permissions().checkGift(inode, after, "file " + inode.number());
    inode.setOwner(after);
    files.watches().happened(inode, FileWatches.ATTRIB);
    return 0;
  }

  private long utimensat(Process process, long[] a) {
    long accessed = moment(process, a[2]);
    long modified = moment(process, a[2] == 0 ? 0 : a[2] + 16);
    if (accessed == Attributes.UNCHANGED && modified == Attributes.UNCHANGED) {
      return 0;
    }
    Inode inode = a[1] == 0 ? open(process, a) : paths.inode(process, a[0], a[1], (int) a[3]);
    String name = "file " + inode.number();
    if (a[2] == 0) {
      files.permissions().checkTouch(inode, name);
    } else {
      files.permissions().checkOwner(inode, name);
    }
    inode.setTimes(accessed, modified);
    files.watches().happened(inode, FileWatches.ATTRIB);
    return 0;
  }

  private long moment(Process process, long address) {
    if (address == 0) {
      return clock.realTime();
    }
    long seconds = user.readLong(process.space(), address);
    long parts = user.readLong(process.space(), address + 8);
    if (parts == UTIME_NOW) {
      return clock.realTime();
    }
    if (parts == UTIME_OMIT) {
      return Attributes.UNCHANGED;
    }
    if (parts < 0 || parts >= BILLION) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "utimensat", parts);
    }
    // Later than a long of nanoseconds can tell is cut, as file systems do.
    long most = Long.MAX_VALUE / BILLION - 1;
    return Math.clamp(seconds, -most, most) * BILLION + parts;
  }
}
