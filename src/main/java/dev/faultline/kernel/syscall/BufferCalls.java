package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.AddressSpace;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.Mincore;
import dev.faultline.kernel.mm.UserMemory;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.Arrays;

/**
 * System calls of programs that fill or empty a buffer in user memory. They go page by page, and
 * what was moved before a page that cannot be reached counts.
 */
final class BufferCalls {
  private static final int PAGE = 4096;

  private final UserMemory memory;
  private final FileAccess access;
  private final Mincore mincore;
  private final Refusal refusal;

  BufferCalls(UserMemory memory, FileAccess access, Mincore mincore, ChangeLog log) {
    this.memory = memory;
    this.access = access;
    this.mincore = mincore;
    this.refusal = new Refusal(log);
  }

  /** {@code pread64(2)} and {@code read(2)} of a file. */
  long read(Process process, OpenFile open, long buffer, long count, long offset) {
    AddressSpace space = process.space();
    long done = 0;
    while (done < count) {
      int wanted = (int) Math.min(count - done, PAGE - (offset + done) % PAGE);
      byte[] bytes = access.read(open, offset + done, wanted, count - done);
      int copied = memory.write(space, buffer + done, bytes, 0, bytes.length);
      done += copied;
      if (copied < bytes.length) {
        return orFault(done);
      }
      if (bytes.length < wanted) {
        break;
      }
    }
    return done;
  }

  /** {@code pwrite64(2)}, and the writing half of {@code write(2)}. */
  long write(Process process, RegularFile file, long buffer, long count, long offset) {
    AddressSpace space = process.space();
    long done = 0;
    while (done < count) {
      int wanted = (int) Math.min(count - done, PAGE - (offset + done) % PAGE);
      byte[] bytes = new byte[wanted];
      int copied = memory.read(space, buffer + done, bytes, 0, wanted);
      if (copied == 0) {
        return orFault(done);
      }
      int written;
      try {
        written = access.write(space.limits(), file, offset + done, Arrays.copyOf(bytes, copied));
      } catch (LinuxError sealed) {
        if (done == 0) {
          throw sealed;
        }
        break;
      }
      done += written;
      if (written < wanted) {
        break;
      }
    }
    return done;
  }

  /**
   * Bytes that were made for a read go to its buffer; what does not fit into memory that can be
   * reached stays to be read.
   */
  long fill(AddressSpace space, long buffer, byte[] bytes) {
    int copied = memory.write(space, buffer, bytes, 0, bytes.length);
    return copied < bytes.length ? orFault(copied) : copied;
  }

  private long orFault(long done) {
    if (done == 0) {
      throw refusal.of(Errno.EFAULT, StepKind.NOTHING_COPIED);
    }
    return done;
  }

  /** {@code mincore(2)}; what precedes a hole is told. */
  void mincore(Process process, long address, long length, long vector) {
    AddressSpace space = process.space();
    mincore.check(space, address, length);
    long pages = (length + PAGE - 1) / PAGE;
    for (long done = 0; done < pages; ) {
      byte[] resident =
          mincore.inOneVma(space, address + done * PAGE, (int) Math.min(pages - done, PAGE));
      if (memory.write(space, vector + done, resident, 0, resident.length) < resident.length) {
        throw refusal.of(Errno.EFAULT, StepKind.NOTHING_COPIED);
      }
      done += resident.length;
    }
  }
}
