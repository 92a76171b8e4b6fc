package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.FileWatches;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.OpenGenerated;
import dev.faultline.kernel.fs.Pipe;
import dev.faultline.kernel.fs.PipeEnd;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Descriptors;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** System calls on descriptors. */
final class FileCallGroup implements CallGroup {
  private static final int FD_CLOEXEC = 1;
  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int FIONREAD = 0x541b;
  private static final int FIONBIO = 0x5421;
  private static final int FIONCLEX = 0x5450;
  private static final int FIOCLEX = 0x5451;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;

  private final Syscalls syscalls;
  private final FileSystem files;
  private final UserAccess user;
  private final FileTransfer transfer;
  private final LockCalls locks;
  private final Refusal refusal;

  FileCallGroup(CallContext context) {
    this.syscalls = context.syscalls();
    this.files = context.files();
    this.user = context.user();
    this.transfer = new FileTransfer(context);
    this.locks = new LockCalls(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(23, "dup", "d", (p, a) -> duplicate(p, (int) a[0], 0, false)),
        SystemCall.ofProcess(24, "dup3", "ddx", this::dup3),
        new SystemCall(25, "fcntl", "ddx", this::fcntl),
        SystemCall.ofProcess(29, "ioctl", "dxx", this::ioctl),
        new SystemCall(32, "flock", "dd", locks::flock),
        SystemCall.ofProcess(46, "ftruncate", "dd", this::ftruncate),
        SystemCall.ofProcess(57, "close", "d", this::close),
        SystemCall.ofProcess(59, "pipe2", "xx", this::pipe2),
        SystemCall.ofProcess(61, "getdents64", "dxd", this::getdents64),
        SystemCall.ofProcess(62, "lseek", "ddd", this::lseek),
        SystemCall.ofProcess(63, "read", "fxd", this::read),
        new SystemCall(64, "write", "fxd", this::write),
        SystemCall.ofProcess(67, "pread64", "dxdd", this::pread64),
        SystemCall.ofProcess(68, "pwrite64", "dxdd", this::pwrite64),
        SystemCall.ofProcess(80, "fstat", "dx", this::fstat),
        SystemCall.ofProcess(81, "sync", "", (p, a) -> 0),
        SystemCall.ofProcess(84, "sync_file_range", "dddx", (p, a) -> onDescriptor(p, a[0])),
        SystemCall.ofProcess(82, "fsync", "d", (p, a) -> onDescriptor(p, a[0])),
        SystemCall.ofProcess(83, "fdatasync", "d", (p, a) -> onDescriptor(p, a[0])),
        SystemCall.ofProcess(213, "readahead", "ddd", this::readahead),
        SystemCall.ofProcess(223, "fadvise64", "dddd", this::fadvise64),
        SystemCall.ofProcess(267, "syncfs", "d", (p, a) -> onDescriptor(p, a[0])),
        SystemCall.ofProcess(436, "close_range", "ddx", this::close_range));
  }

  /** Calls that need an open descriptor and have nothing to do. */
  private static long onDescriptor(Process process, long fd) {
    process.descriptors().get((int) fd);
    return 0;
  }

  private long close(Process process, long[] a) {
    syscalls.close(process, (int) a[0]);
    return 0;
  }

  private long read(Process process, long[] a) {
    return transfer.read(process, (int) a[0], a[1], a[2]);
  }

  private long write(Task task, long[] a) {
    return transfer.write(
        task, (int) a[0], a[2], (offset, length) -> user.read(task.space(), a[1] + offset, length));
  }

  private long pread64(Process process, long[] a) {
    return transfer.pread(process, (int) a[0], a[1], FileTransfer.length(a[2]), a[3]);
  }

  private long pwrite64(Process process, long[] a) {
    return transfer.pwrite(process, (int) a[0], a[1], FileTransfer.length(a[2]), a[3]);
  }

  private long ftruncate(Process process, long[] a) {
    syscalls.refuseNegative(a[1]);
    int fd = (int) a[0];
    OpenFile file = process.descriptors().regular(fd);
    transfer.checkRoom(file.file(), a[1]);
    syscalls.ftruncate(file, fd, a[1]);
    return 0;
  }

  private long lseek(Process process, long[] a) {
    int fd = (int) a[0];
    Description open = process.descriptors().get(fd);
    long position =
        switch (open) {
          case OpenFile file -> file.position();
          case OpenGenerated made -> made.position();
          case OpenDirectory directory -> directory.position();
          case ByteStream stream -> throw refusal.of(Errno.ESPIPE, StepKind.NO_SEEKING, fd);
        };
    if (open instanceof OpenGenerated && a[2] > 1) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "lseek", a[2]);
    }
    long size = open.status().size();
    long target =
        switch ((int) a[2]) {
          case 0 -> a[1];
          case 1 -> position + a[1];
          case 2 -> size + a[1];
          // SEEK_DATA and SEEK_HOLE: all of a file is data.
          case 3 -> a[1];
          case 4 -> size;
          default -> -1;
        };
    if (target < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "lseek", a[1]);
    }
    if (a[2] >= 3 && a[1] >= size) {
      throw refusal.of(Errno.ENXIO, StepKind.BAD_ARGUMENT, "lseek", a[1]);
    }
    switch (open) {
      case OpenFile file -> file.setPosition(target);
      case OpenGenerated made -> made.setPosition(target);
      case OpenDirectory directory -> directory.setPosition((int) target);
      case ByteStream stream -> {}
    }
    return target;
  }

  private long fstat(Process process, long[] a) {
    Description open = process.descriptors().get((int) a[0]);
    user.write(process.space(), a[1], StatusBytes.stat(open.status()));
    return 0;
  }

  private long duplicate(Process process, int fd, int least, boolean closesOnExec) {
    Description open = process.descriptors().get(fd);
    int copy = process.descriptors().reserve(least);
    process.descriptors().install(copy, open, closesOnExec);
    return copy;
  }

  private long dup3(Process process, long[] a) {
    int target = (int) a[1];
    Description open = process.descriptors().get((int) a[0]);
    if (a[0] == a[1]) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "dup3", a[1]);
    }
    if (target < 0 || target >= Descriptors.LIMIT) {
      throw refusal.of(Errno.EBADF, StepKind.BAD_DESCRIPTOR, target);
    }
    if (process.descriptors().find(target) != null) {
      process.descriptors().close(target);
    }
    process.descriptors().install(target, open, OpenFlag.CLOEXEC.in((int) a[2]));
    return target;
  }

  private long close_range(Process process, long[] a) {
    boolean onlyMarks = (a[2] & CLOSE_RANGE_CLOEXEC) != 0;
    long first = a[0] & 0xffff_ffffL;
    long last = a[1] & 0xffff_ffffL;
    if ((a[2] & ~CLOSE_RANGE_CLOEXEC) != 0 || first > last) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "close_range", a[2]);
    }
    for (int fd : List.copyOf(process.descriptors().numbers())) {
      if (fd < first || fd > last) {
        continue;
      }
      if (onlyMarks) {
        process.descriptors().setClosesOnExec(fd, true);
      } else {
        syscalls.close(process, fd);
      }
    }
    return 0;
  }

  private long fcntl(Task task, long[] a) {
    if (LockCalls.isLockCommand((int) a[1])) {
      return locks.fcntl(task, (int) a[0], (int) a[1], a[2]);
    }
    Process process = task.process();
    int fd = (int) a[0];
    Description open = process.descriptors().get(fd);
    switch ((int) a[1]) {
      case 0 -> {
        return duplicate(process, fd, (int) a[2], false);
      }
      case 1030 -> {
        return duplicate(process, fd, (int) a[2], true);
      }
      case 1 -> {
        return process.descriptors().closesOnExec(fd) ? FD_CLOEXEC : 0;
      }
      case 2 -> process.descriptors().setClosesOnExec(fd, (a[2] & FD_CLOEXEC) != 0);
      case 3 -> {
        return open.flags() & ~OpenFlag.CLOEXEC.bit();
      }
      case 4 -> open.setFlags((int) a[2]);
      case F_SETPIPE_SZ -> {
        return resized(pipe(open, fd), a[2]);
      }
      case F_GETPIPE_SZ -> {
        return pipe(open, fd).capacity();
      }
      case F_ADD_SEALS -> syscalls.memoryFiles().addSeals(process, fd, (int) a[2]);
      case F_GET_SEALS -> {
        return syscalls.memoryFiles().seals(process, fd);
      }
      default -> throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "fcntl", a[1]);
    }
    return 0;
  }

  private long readahead(Process process, long[] a) {
    syscalls.readahead(process, (int) a[0], a[1], a[2]);
    return 0;
  }

  private long fadvise64(Process process, long[] a) {
    syscalls.fadvise(process, (int) a[0], a[1], a[2], (int) a[3]);
    return 0;
  }

  private Pipe pipe(Description open, int fd) {
    if (open instanceof PipeEnd end) {
      return end.pipe();
    }
    throw refusal.of(Errno.EBADF, StepKind.NO_PIPE, fd);
  }

  private int resized(Pipe pipe, long bytes) {
    if (bytes > Pipe.MOST_CAPACITY) {
      throw refusal.of(Errno.EPERM, StepKind.BAD_ARGUMENT, "F_SETPIPE_SZ", bytes);
    }
    if (!pipe.resize(Math.max((int) bytes, 1))) {
      throw refusal.of(Errno.EBUSY, StepKind.PIPE_TOO_FULL, bytes);
    }
    return pipe.capacity();
  }

  private long ioctl(Process process, long[] a) {
    int fd = (int) a[0];
    Description open = process.descriptors().get(fd);
    switch ((int) a[1]) {
      case FIOCLEX, FIONCLEX -> process.descriptors().setClosesOnExec(fd, a[1] == FIOCLEX);
      case FIONBIO -> {
        int blocks = open.flags() & ~OpenFlag.NONBLOCK.bit();
        boolean isOn = user.readInt(process.space(), a[2]) != 0;
        open.setFlags(isOn ? blocks | OpenFlag.NONBLOCK.bit() : blocks);
      }
      case FIONREAD -> user.writeInt(process.space(), a[2], available(open, fd));
      default -> throw refusal.of(Errno.ENOTTY, StepKind.NO_TERMINAL, fd);
    }
    return 0;
  }

  /** How many bytes are there to be read. */
  private int available(Description open, int fd) {
    if (open instanceof OpenFile file) {
      return (int) (file.file().size() - file.position());
    }
    if (open instanceof ByteStream stream && stream.available() >= 0) {
      return stream.available();
    }
    throw refusal.of(Errno.ENOTTY, StepKind.NO_TERMINAL, fd);
  }

  private long pipe2(Process process, long[] a) {
    Descriptors descriptors = process.descriptors();
    Pipe pipe = files.makePipe();
    int flags = (int) a[1] & (OpenFlag.CLOEXEC.bit() | OpenFlag.NONBLOCK.bit());
    user.prepareWrite(process.space(), a[0], 8);
    int reader = descriptors.reserve();
    descriptors.reserve(reader + 1);
    descriptors.install(reader, pipe.reader(flags));
    int writer = descriptors.reserve();
    descriptors.install(writer, pipe.writer(flags));
    user.writeInt(process.space(), a[0], reader);
    user.writeInt(process.space(), a[0] + 4, writer);
    return 0;
  }

  private long getdents64(Process process, long[] a) {
    int fd = (int) a[0];
    if (!(process.descriptors().get(fd) instanceof OpenDirectory directory)) {
      throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, "descriptor " + fd);
    }
    List<OpenDirectory.Entry> all = directory.entries();
    var bytes = new ByteArrayOutputStream();
    int at = directory.position();
    while (at < all.size()) {
      byte[] entry = StatusBytes.directoryEntry(all.get(at), at + 1);
      if (bytes.size() + entry.length > a[2]) {
        break;
      }
      bytes.writeBytes(entry);
      at++;
    }
    if (bytes.size() == 0 && at < all.size()) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "getdents64", a[2]);
    }
    user.write(process.space(), a[1], bytes.toByteArray());
    directory.setPosition(at);
    files.watches().happened(directory.directory(), FileWatches.ACCESS);
    return bytes.size();
  }
}
