package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;

/** System calls that copy from one descriptor to another without a buffer in user memory. */
final class CopyCallGroup implements CallGroup {
  private final Syscalls syscalls;
  private final UserAccess user;
  private final FileTransfer transfer;
  private final Refusal refusal;

  CopyCallGroup(CallContext context) {
    this.syscalls = context.syscalls();
    this.user = context.user();
    this.transfer = new FileTransfer(context);
    this.refusal = context.refusal();
  }

  @Override
  public List<SystemCall> calls() {
    return List.of(
        new SystemCall(71, "sendfile", "ffxd", this::sendfile),
        SystemCall.ofProcess(285, "copy_file_range", "dxdxdx", this::copy_file_range));
  }

  /** From a regular file; what the other side does not take is not read. */
  private long sendfile(Task task, long[] a) {
    int out = (int) a[0];
    int in = (int) a[1];
    if (!(transfer.readable(task.process(), in) instanceof OpenFile from)) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_MAPPABLE, in);
    }
    if (transfer.writable(task.process(), out).isAppending()) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "sendfile", out);
    }
    long offset = a[2] == 0 ? from.position() : user.readLong(task.space(), a[2]);
    syscalls.refuseNegative(offset);
    byte[] bytes = syscalls.pread(from, in, FileTransfer.length(a[3]), offset);
    if (bytes.length == 0) {
      return 0;
    }
    long written = transfer.write(task, out, bytes.length, FileTransfer.of(bytes));
    if (a[2] == 0) {
      from.setPosition(offset + written);
    } else {
      user.writeLong(task.space(), a[2], offset + written);
    }
    return written;
  }

  /** Between regular files; positions move where no offset is given. */
  private long copy_file_range(Process process, long[] a) {
    if (a[5] != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.MEANINGLESS_FLAGS, a[5]);
    }
    OpenFile from = regular(process, (int) a[0]);
    OpenFile to = regular(process, (int) a[2]);
    transfer.readable(process, (int) a[0]);
    if (transfer.writable(process, (int) a[2]).isAppending()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_WRITABLE, a[2]);
    }
    long source = a[1] == 0 ? from.position() : user.readLong(process.space(), a[1]);
    long target = a[3] == 0 ? to.position() : user.readLong(process.space(), a[3]);
    syscalls.refuseNegative(source);
    syscalls.refuseNegative(target);
    int length = FileTransfer.length(a[4]);
    if (from.file() == to.file() && source < target + length && target < source + length) {
      throw refusal.of(Errno.EINVAL, StepKind.BAD_ARGUMENT, "copy_file_range", a[4]);
    }
    byte[] bytes = syscalls.pread(from, (int) a[0], length, source);
    if (bytes.length == 0) {
      return 0;
    }
    transfer.checkRoom(to.file(), target + bytes.length);
    int written = syscalls.pwrite(process, to, (int) a[2], bytes, target);
    move(process, from, a[1], source + written);
    move(process, to, a[3], target + written);
    return written;
  }

  private OpenFile regular(Process process, int fd) {
    return switch (process.descriptors().get(fd)) {
      case OpenFile file -> file;
      case ByteStream stream -> throw refusal.of(Errno.EINVAL, StepKind.NO_SEEKING, fd);
      default -> process.descriptors().regular(fd);
    };
  }

  private void move(Process process, OpenFile file, long address, long position) {
    if (address == 0) {
      file.setPosition(position);
    } else {
      user.writeLong(process.space(), address, position);
    }
  }
}
