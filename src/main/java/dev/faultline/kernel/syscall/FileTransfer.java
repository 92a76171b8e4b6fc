package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Device;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenDevice;
import dev.faultline.kernel.fs.OpenDirectory;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.OpenGenerated;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Blocked;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.kernel.process.Quota;
import dev.faultline.kernel.process.Siginfo;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.util.Arrays;

/** Bytes from and to whatever a descriptor stands for ({@code fs/read_write.c}). */
final class FileTransfer {
  /** More is read or written by the calls that follow, as Linux may do too. */
  static final int MOST_BYTES = 1 << 20;

  private final Syscalls syscalls;
  private final FileSystem files;
  private final Processes processes;
  private final Quota quota;
  private final UserAccess user;
  private final ChangeLog log;
  private final Refusal refusal;

  FileTransfer(CallContext context) {
    this.syscalls = context.syscalls();
    this.files = context.files();
    this.processes = context.processes();
    this.quota = context.quota();
    this.user = context.user();
    this.log = context.log();
    this.refusal = context.refusal();
  }

  /** How much of what is asked for one call moves. */
  static int length(long wanted) {
    return (int) Math.min(wanted & Long.MAX_VALUE, MOST_BYTES);
  }

  Description readable(Process process, int fd) {
    Description open = process.descriptors().get(fd);
    if (!open.isReadable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_READABLE, fd);
    }
    return open;
  }

  Description writable(Process process, int fd) {
    Description open = process.descriptors().get(fd);
    if (!open.isWritable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_WRITABLE, fd);
    }
    return open;
  }

  /** Bytes of a file of {@code /proc}. */
  byte[] read(OpenGenerated made, long from, int wanted) {
    byte[] bytes = made.read(from, wanted);
    if (bytes == null) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_FILE, made.path());
    }
    return bytes;
  }

  /**
   * {@code read(2)} from where the description stands. Only what there is to read makes the kernel
   * touch the buffer, however long that is.
   */
  long read(Process process, int fd, long buffer, long count) {
    int wanted = length(count);
    switch (readable(process, fd)) {
      case OpenFile file -> {
        long read = syscalls.pread(process, fd, buffer, wanted, file.position());
        file.setPosition(file.position() + read);
        return read;
      }
      case OpenGenerated made -> {
        byte[] bytes = read(made, made.position(), wanted);
        long read = syscalls.fill(process, buffer, bytes);
        made.setPosition(made.position() + read);
        return read;
      }
      case OpenDirectory directory ->
          throw refusal.of(Errno.EISDIR, StepKind.IS_A_DIRECTORY, directory.path());
      case ByteStream stream -> {
        if (wanted < stream.leastRead()) {
          throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "read", wanted);
        }
        user.prepareWrite(process.space(), buffer, Math.min(there(stream, wanted), wanted));
        byte[] bytes = bytesOf(stream, fd, wanted);
        user.write(process.space(), buffer, bytes);
        return bytes.length;
      }
    }
  }

  /** What {@code pread64(2)} does. */
  long pread(Process process, int fd, long buffer, int wanted, long offset) {
    syscalls.refuseNegative(offset);
    if (process.descriptors().get(fd) instanceof OpenGenerated made) {
      return syscalls.fill(process, buffer, read(made, offset, wanted));
    }
    return syscalls.pread(process, fd, buffer, wanted, offset);
  }

  /** What {@code pwrite64(2)} does. */
  long pwrite(Process process, int fd, long buffer, int length, long offset) {
    syscalls.refuseNegative(offset);
    checkRoom(process.descriptors().regular(fd).file(), offset + length);
    return syscalls.pwrite(process, fd, buffer, length, offset);
  }

  /** How much a read gives at least, so that nothing is taken for which there is no room. */
  private static int there(ByteStream stream, int wanted) {
    int least = stream.leastRead() > 0 ? stream.leastRead() : wanted;
    return stream.available() >= 0 ? stream.available() : least;
  }

  private byte[] bytesOf(ByteStream stream, int fd, int wanted) {
    byte[] bytes = stream.read(wanted);
    if (bytes == null) {
      if (stream.isNonBlocking()) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, fd);
      }
      throw new Blocked(stream::canRead);
    }
    return bytes;
  }

  /** The bytes of a write, read from memory when they are wanted. */
  @FunctionalInterface
  interface Bytes {
    byte[] from(long offset, int length);
  }

  static Bytes of(byte[] all) {
    return (offset, length) -> Arrays.copyOfRange(all, (int) offset, (int) offset + length);
  }

  /** What {@code write(2)} does with so many bytes; gives how many went. */
  long write(Task task, int fd, long length, Bytes bytes) {
    switch (writable(task.process(), fd)) {
      case OpenFile file -> {
        byte[] all = bytes.from(0, length(length));
        long at = file.isAppending() ? file.file().size() : file.position();
        checkRoom(file.file(), at + all.length);
        int written = syscalls.pwrite(task.process(), file, fd, all, at);
        file.setPosition(at + written);
        return written;
      }
      case ByteStream stream -> {
        return write(task, fd, stream, length, bytes, !stream.isNonBlocking(), true);
      }
      default -> throw refusal.of(Errno.EINVAL, StepKind.NOT_WRITABLE, fd);
    }
  }

  /**
   * Writes to what has no position. A pipe that has room for a part takes that part; who waits goes
   * on with the rest when it is called again.
   *
   * @param waits whether to wait for room
   * @param signals whether SIGPIPE is sent when nobody reads any more
   */
  long write(
      Task task,
      int fd,
      ByteStream stream,
      long length,
      Bytes bytes,
      boolean waits,
      boolean signals) {
    if (stream instanceof OpenDevice device && device.device() == Device.FULL) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "/dev/full", 0);
    }
    long done = task.unfinishedCall() instanceof UnfinishedWrite begun ? begun.written() : 0;
    byte[] next = bytes.from(done, length(length - done));
    try {
      int written = stream.write(next);
      if (written == ByteStream.INVALID) {
        throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "write", next.length);
      }
      if (written != ByteStream.WOULD_BLOCK) {
        log.step(StepKind.WRITES_STREAM, task.process().pid(), written, log.intern(stream.label()));
        done += written;
        if (done == length || !waits || !stream.takesAll()) {
          return done;
        }
      } else if (!waits) {
        throw refusal.of(Errno.EAGAIN, StepKind.WOULD_BLOCK, fd);
      }
    } catch (ByteStream.BrokenPipeException broken) {
      if (signals) {
        int own = task.process().pid();
        processes.signals().send(task, Siginfo.from(Signal.SIGPIPE.number(), Siginfo.SI_USER, own));
      }
      if (done > 0) {
        return done;
      }
      throw refusal.of(Errno.EPIPE, StepKind.BROKEN_PIPE, fd);
    }
    task.setUnfinishedCall(new UnfinishedWrite(done));
    byte[] rest = done == 0 ? next : new byte[0];
    throw new Blocked(() -> stream.canWrite(rest));
  }

  /** Refuses a size for which the laboratory has no room. */
  void checkRoom(RegularFile file, long size) {
    long more = size - file.size();
    if (more <= 0) {
      return;
    }
    if (files.inodes().bytes() + more > quota.fileBytes()) {
      throw refusal.of(Errno.ENOSPC, StepKind.NO_ROOM, "fileBytes", quota.fileBytes());
    }
  }
}
