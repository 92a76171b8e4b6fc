package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.abi.Seal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.Seals;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.charset.StandardCharsets;

/** Files in memory, and the seals that keep them as they are. */
public final class MemoryFileCalls {
  /** CLOEXEC, ALLOW_SEALING, NOEXEC_SEAL and EXEC; there are no huge pages to choose. */
  private static final int MEMFD_FLAGS = 0x1b;

  private static final int MEMFD_ALLOW_SEALING = 2;
  private static final int MEMFD_NOEXEC_SEAL = 8;
  private static final int MEMFD_EXEC_FLAGS = 0x18;

  /** {@code NAME_MAX} less the prefix that maps shows. */
  private static final int LONGEST_MEMORY_NAME = 249;

  private final FileSystem files;
  private final Seals seals;
  private final UserAccess user;
  private final Refusal refusal;

  MemoryFileCalls(FileSystem files, Seals seals, UserAccess user, ChangeLog log) {
    this.files = files;
    this.seals = seals;
    this.user = user;
    this.refusal = new Refusal(log);
  }

  /** {@code memfd_create(2)}: a file in memory, without a name but for what maps shows. */
  public int create(Process process, byte[] name, int flags) {
    checkFlags(flags);
    if (name.length > LONGEST_MEMORY_NAME) {
      throw refusal.of(Errno.EINVAL, StepKind.NAME_OF_MEMORY, LONGEST_MEMORY_NAME);
    }
    int fd = process.descriptors().reserve();
    String path = "/memfd:" + new String(name, StandardCharsets.UTF_8);
    boolean noexec = (flags & MEMFD_NOEXEC_SEAL) != 0;
    int sealed = noexec ? Seal.EXEC.bit() : 0;
    if (!noexec && (flags & MEMFD_ALLOW_SEALING) == 0) {
      sealed = Seal.SEAL.bit();
    }
    RegularFile file = files.inodes().makeMemory(path, noexec ? 0666 : 0777, sealed);
    process.descriptors().install(fd, new OpenFile(file, OpenFlag.RDWR.bit()));
    return fd;
  }

  /** {@code memfd_create(2)} with a name in user memory, which is read when the flags are right. */
  int create(Process process, long name, int flags) {
    checkFlags(flags);
    return create(
        process, user.string(process.space(), name, LONGEST_MEMORY_NAME, Errno.EINVAL), flags);
  }

  private void checkFlags(int flags) {
    if ((flags & ~MEMFD_FLAGS) != 0 || (flags & MEMFD_EXEC_FLAGS) == MEMFD_EXEC_FLAGS) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, flags);
    }
  }

  /** {@code fcntl(F_ADD_SEALS)}. */
  void addSeals(Process process, int fd, int more) {
    Description open = process.descriptors().get(fd);
    if (open instanceof OpenFile file) {
      seals.add(file, fd, more);
    } else {
      // Linux asks for leave to write before it asks what is open.
      throw refusal.of(
          open.isWritable() ? Errno.EINVAL : Errno.EPERM, StepKind.NO_SEALS, open.path());
    }
  }

  /** {@code fcntl(F_GET_SEALS)}. */
  int seals(Process process, int fd) {
    Description open = process.descriptors().get(fd);
    if (open instanceof OpenFile file) {
      return seals.get(file);
    }
    throw refusal.of(Errno.EINVAL, StepKind.NO_SEALS, open.path());
  }
}
