package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** System calls that read into, or write from, several pieces of memory ({@code readv(2)}). */
final class VectorCallGroup implements CallGroup {
  private static final int MOST_VECTORS = 1024;
  private static final int VECTOR_BYTES = 16;

  /** RWF_HIPRI, RWF_DSYNC, RWF_SYNC and RWF_NOWAIT: hints here, where nothing waits for a disk. */
  private static final int HINTS = 0xf;

  private static final long AT_POSITION = -1;

  private final Syscalls syscalls;
  private final UserAccess user;
  private final FileTransfer transfer;
  private final Refusal refusal;

  VectorCallGroup(CallContext context) {
    this.syscalls = context.syscalls();
    this.user = context.user();
    this.transfer = new FileTransfer(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        SystemCall.ofProcess(65, "readv", "dxd", this::readv),
        new SystemCall(66, "writev", "dxd", this::writev),
        SystemCall.ofProcess(69, "preadv", "dxdd", this::preadv),
        SystemCall.ofProcess(70, "pwritev", "dxdd", this::pwritev),
        SystemCall.ofProcess(286, "preadv2", "dxdddx", this::preadv2),
        new SystemCall(287, "pwritev2", "dxdddx", this::pwritev2));
  }

  private int count(long[] a) {
    if (a[2] < 0 || a[2] > MOST_VECTORS) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "iovec", a[2]);
    }
    return (int) a[2];
  }

  private long base(Process process, long[] a, int index) {
    return user.readLong(process.space(), a[1] + (long) VECTOR_BYTES * index);
  }

  private int length(Process process, long[] a, int index) {
    long address = a[1] + (long) VECTOR_BYTES * index + Long.BYTES;
    return FileTransfer.length(user.readLong(process.space(), address));
  }

  /** Moves the bytes of one piece of memory, of which some were moved before. */
  @FunctionalInterface
  private interface Piece {
    long move(long base, int length, long before);
  }

  /** Moves piece after piece, until one is not moved whole; what was moved before always counts. */
  private long each(Process process, long[] a, Piece piece) {
    long total = 0;
    int count = count(a);
    for (int i = 0; i < count; i++) {
      int wanted = length(process, a, i);
      if (wanted == 0) {
        continue;
      }
      long moved = after(total, piece, base(process, a, i), wanted);
      total += moved;
      if (moved < wanted) {
        break;
      }
    }
    return total;
  }

  private static long after(long before, Piece piece, long base, int wanted) {
    try {
      return piece.move(base, wanted, before);
    } catch (LinuxError error) {
      if (before == 0) {
        throw error;
      }
      return 0;
    }
  }

  private long readv(Process process, long[] a) {
    int fd = (int) a[0];
    return each(
        process,
        a,
        (base, length, before) -> {
          boolean wouldWait =
              before > 0
                  && process.descriptors().get(fd) instanceof ByteStream stream
                  && !stream.canRead();
          return wouldWait ? 0 : transfer.read(process, fd, base, length);
        });
  }

  private long writev(Task task, long[] a) {
    var all = new ByteArrayOutputStream();
    int count = count(a);
    for (int i = 0; i < count; i++) {
      int wanted = Math.min(length(task.process(), a, i), FileTransfer.MOST_BYTES - all.size());
      all.writeBytes(user.read(task.space(), base(task.process(), a, i), wanted));
    }
    return transfer.write(task, (int) a[0], all.size(), FileTransfer.of(all.toByteArray()));
  }

  private long preadv(Process process, long[] a) {
    syscalls.refuseNegative(a[3]);
    int fd = (int) a[0];
    return each(
        process,
        a,
        (base, length, before) -> transfer.pread(process, fd, base, length, a[3] + before));
  }

  private long pwritev(Process process, long[] a) {
    syscalls.refuseNegative(a[3]);
    int fd = (int) a[0];
    return each(
        process,
        a,
        (base, length, before) -> transfer.pwrite(process, fd, base, length, a[3] + before));
  }

  private void checkFlags(long flags) {
    if ((flags & ~HINTS) != 0) {
      throw refusal.of(Errno.EOPNOTSUPP, StepKind.MEANINGLESS_FLAGS, flags);
    }
  }

  private long preadv2(Process process, long[] a) {
    checkFlags(a[5]);
    return a[3] == AT_POSITION ? readv(process, a) : preadv(process, a);
  }

  private long pwritev2(Task task, long[] a) {
    checkFlags(a[5]);
    return a[3] == AT_POSITION ? writev(task, a) : pwritev(task.process(), a);
  }
}
