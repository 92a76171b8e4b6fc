package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.FileLocks;
import dev.faultline.kernel.fs.FileLocks.Family;
import dev.faultline.kernel.fs.FileLocks.Lock;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Task;
import dev.faultline.kernel.process.UnfinishedCall;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** {@code flock(2)}, and what {@code fcntl(2)} does with locks of ranges of bytes. */
final class LockCalls {
  private static final int F_GETLK = 5;
  private static final int F_SETLK = 6;
  private static final int F_SETLKW = 7;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int F_OFD_SETLKW = 38;

  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;

  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int LOCK_UN = 8;

  /** {@code struct flock}. */
  private static final int BYTES = 32;

  private final FileLocks locks;
  private final UserAccess user;
  private final Refusal refusal;

  LockCalls(CallContext context) {
    FileSystem files = context.files();
    this.locks = files.locks();
    this.user = context.user();
    this.refusal = context.refusal();
  }

  static boolean isLockCommand(int command) {
    return command >= F_GETLK && command <= F_SETLKW
        || command >= F_OFD_GETLK && command <= F_OFD_SETLKW;
  }

  /** A process waits for a range; others may find that they would wait for each other. */
  private record RangeWait(FileLocks locks, FileLocks.Request request) implements UnfinishedCall {
    @Override
    public void leave() {
      locks.awaitNoMore(request);
    }
  }

  long flock(Task task, long[] a) {
    Description open = task.process().descriptors().get((int) a[0]);
    int operation = (int) a[1] & ~LOCK_NB;
    if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "flock", a[1]);
    }
    int pid = task.process().pid();
    var wanted = new Lock(open, pid, operation == LOCK_EX, 0, FileLocks.END);
    // A lock that cannot be changed at once is lost ("not guaranteed to be atomic", flock(2)).
    boolean isFree = locks.inTheWay(Family.WHOLE_FILES, open, wanted) == null;
    if (operation == LOCK_UN || !isFree) {
      locks.release(Family.WHOLE_FILES, open, wanted);
    }
    if (operation != LOCK_UN) {
      take(Family.WHOLE_FILES, open, wanted, isFree, (a[1] & LOCK_NB) == 0);
    }
    return 0;
  }

  long fcntl(Task task, int fd, int command, long address) {
    Description open = task.process().descriptors().get(fd);
    ByteBuffer flock =
        ByteBuffer.wrap(user.read(task.space(), address, BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    boolean ofDescription = command >= F_OFD_GETLK;
    if (ofDescription && flock.getInt(24) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "l_pid", flock.getInt(24));
    }
    int type = flock.getShort(0);
    if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "l_type", type);
    }
    Object owner = ofDescription ? open : task.process().descriptors();
    int pid = ofDescription ? -1 : task.process().pid();
    Lock wanted = range(open, flock, new Lock(owner, pid, type == F_WRLCK, 0, 0));
    switch (command) {
      case F_GETLK, F_OFD_GETLK -> {
        if (type == F_UNLCK && !ofDescription) {
          throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "l_type", type);
        }
        tell(flock, locks.inTheWay(Family.RANGES, open, wanted));
        user.write(task.space(), address, flock.array());
      }
      default -> {
        if (type == F_UNLCK) {
          locks.release(Family.RANGES, open, wanted);
          return 0;
        }
        if (type == F_RDLCK && !open.isReadable()) {
          throw refusal.of(Errno.EBADF, StepKind.NOT_READABLE, fd);
        }
        if (type == F_WRLCK && !open.isWritable()) {
          throw refusal.of(Errno.EBADF, StepKind.NOT_WRITABLE, fd);
        }
        Lock blocker = locks.inTheWay(Family.RANGES, open, wanted);
        if (command == F_SETLKW && blocker != null) {
          if (locks.isCircle(blocker, wanted)) {
            throw refusal.of(Errno.EDEADLK, StepKind.LOCKS_IN_A_CIRCLE, open.path());
          }
          if (task.unfinishedCall() == null) {
            task.setUnfinishedCall(new RangeWait(locks, locks.await(open, wanted)));
          }
        }
        boolean waits = command == F_SETLKW || command == F_OFD_SETLKW;
        take(Family.RANGES, open, wanted, blocker == null, waits);
      }
    }
    return 0;
  }

  private void take(Family family, Description open, Lock wanted, boolean isFree, boolean waits) {
    if (!isFree) {
      if (waits) {
        throw new Blocked(() -> locks.inTheWay(family, open, wanted) == null);
      }
      throw refusal.of(Errno.EAGAIN, StepKind.LOCKED, open.path());
    }
    if (!locks.hold(family, open, wanted)) {
      throw refusal.of(Errno.ENOLCK, StepKind.TOO_MANY_LOCKS, open.path());
    }
  }

  /** The bytes that are meant ({@code flock64_to_posix_lock}). */
  private Lock range(Description open, ByteBuffer flock, Lock without) {
    long base =
        switch (flock.getShort(2)) {
          case 0 -> 0;
          case 1 -> open instanceof OpenFile file ? file.position() : 0;
          case 2 -> open.status().size();
          default ->
              throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "l_whence", flock.getShort(2));
        };
    long offset = flock.getLong(8);
    long length = flock.getLong(16);
    if (offset > FileLocks.END - base) {
      throw refusal.of(Errno.EOVERFLOW, StepKind.BAD_ARGUMENT, "l_start", offset);
    }
    long start = base + offset;
    if (start < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "l_start", offset);
    }
    if (length > 0) {
      if (length - 1 > FileLocks.END - start) {
        throw refusal.of(Errno.EOVERFLOW, StepKind.BAD_ARGUMENT, "l_len", length);
      }
      return without.over(start, start + length - 1);
    }
    if (length < 0) {
      if (start + length < 0) {
        throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "l_len", length);
      }
      return without.over(start + length, start - 1);
    }
    return without.over(start, FileLocks.END);
  }

  /** What {@code F_GETLK} answers: a lock that is in the way, or that there is none. */
  private static void tell(ByteBuffer flock, @Nullable Lock found) {
    if (found == null) {
      flock.putShort(0, (short) F_UNLCK);
      return;
    }
    long length = found.last() == FileLocks.END ? 0 : found.last() - found.first() + 1;
    flock
        .putShort(0, (short) (found.isExclusive() ? F_WRLCK : F_RDLCK))
        .putShort(2, (short) 0)
        .putLong(8, found.first())
        .putLong(16, length)
        .putInt(24, found.pid());
  }
}
