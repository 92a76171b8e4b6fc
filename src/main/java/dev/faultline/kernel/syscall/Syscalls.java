package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.fs.ByteStream;
import dev.faultline.kernel.fs.Console;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Device;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.FileWatches;
import dev.faultline.kernel.fs.OpenDevice;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.mm.Fadvise;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.MemoryCalls;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.kernel.mm.Truncate;
import dev.faultline.kernel.mm.UserAccess;
import dev.faultline.kernel.mm.UserMemory;
import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Processes;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The system calls, whether a command asks for them or a program's {@code ecall}. Refusals are
 * {@link LinuxError}s.
 */
public final class Syscalls {
  /** {@code MAX_RW_COUNT}: what one call reads or writes at most. */
  private static final long MOST_BYTES = 0x7fff_f000L;

  /** {@code s_maxbytes}: what an int can count, until files live elsewhere than in memory. */
  public static final long LARGEST_FILE = Integer.MAX_VALUE - 4096;

  private final FileSystem files;
  private final MemoryCalls memory;
  private final Truncate truncate;
  private final FileAccess access;
  private final Processes processes;
  private final UserAccess user;
  private final BufferCalls buffers;
  private final MemoryFileCalls memoryFiles;
  private final ProcessVmCalls processVm;
  private final Refusal refusal;

  public Syscalls(
      FileSystem files,
      MemoryCalls memory,
      Truncate truncate,
      FileAccess access,
      Processes processes,
      UserMemory userMemory,
      UserAccess user,
      ChangeLog log) {
    this.files = files;
    this.memory = memory;
    this.truncate = truncate;
    this.access = access;
    this.processes = processes;
    this.user = user;
    this.buffers = new BufferCalls(userMemory, access, memory.mincore(), log);
    this.memoryFiles = new MemoryFileCalls(files, memory.seals(), user, log);
    this.processVm = new ProcessVmCalls(memory.processVm(), processes, user, log);
    this.refusal = new Refusal(log);
  }

  /** Those about files in memory. */
  public MemoryFileCalls memoryFiles() {
    return memoryFiles;
  }

  /** Those about another process's memory. */
  public ProcessVmCalls processVm() {
    return processVm;
  }

  /** {@code openat(2)}, relative to the process's directory. */
  public int open(Process process, String path, int flags, int mode) {
    return open(process, process.directory(), path, flags, mode);
  }

  /** {@code openat(2)}, relative to a directory. */
  public int open(Process process, Directory start, String path, int flags, int mode) {
    int fd = process.descriptors().reserve();
    process.descriptors().install(fd, description(process, start, path, flags, mode));
    return fd;
  }

  /** What {@code openat(2)} gives a descriptor to. */
  Description description(Process process, Directory start, String path, int flags, int mode) {
    Description open = files.open(start, path, flags, mode, process.credentials().owner());
    // Linux truncates even what is opened for reading alone (build_open_flags asks for MAY_WRITE).
    if (open instanceof OpenFile file && OpenFlag.TRUNC.in(flags) && file.file().size() > 0) {
      truncate.resize(file.file(), 0);
      files.watches().happened(file.file(), FileWatches.MODIFY);
    }
    return open;
  }

  public void close(Process process, int fd) {
    process.descriptors().close(fd);
  }

  /** {@code mmap(2)}; {@code fd} does not matter for anonymous memory. */
  public long mmap(
      Process process, long address, long length, int prot, int flags, int fd, long offset) {
    if ((offset & 4095) != 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_PAGE_ALIGNED, offset);
    }
    OpenFile open = null;
    if (!MapFlag.ANONYMOUS.in(flags)) {
      switch (process.descriptors().get(fd)) {
        case OpenFile file -> open = file;
        case OpenDevice device when device.device() == Device.ZERO -> {}
        default -> throw refusal.of(Errno.ENODEV, StepKind.NOT_MAPPABLE, fd);
      }
    }
    return memory.mmap().map(process.space(), address, length, prot, flags, open, fd, offset);
  }

  public void munmap(Process process, long address, long length) {
    memory.munmap().unmap(process.space(), address, length);
  }

  public void mprotect(Process process, long address, long length, long prot) {
    memory.mprotect().protect(process.space(), address, length, prot);
  }

  public void msync(Process process, long address, long length, int flags) {
    memory.msync().sync(process.space(), address, length, flags);
  }

  public long mremap(
      Process process, long address, long oldLength, long newLength, int flags, long newAddress) {
    return memory.mremap().remap(process.space(), address, oldLength, newLength, flags, newAddress);
  }

  public void madvise(Process process, long address, long length, int advice) {
    memory.madvise().advise(process.space(), address, length, advice);
  }

  public void mlock(Process process, long address, long length) {
    memory.mlock().lock(process.space(), address, length, 0);
  }

  public void mlock2(Process process, long address, long length, int flags) {
    memory.mlock().lock(process.space(), address, length, flags);
  }

  public void mlockall(Process process, int flags) {
    memory.mlock().lockAll(process.space(), flags);
  }

  public void munlockall(Process process) {
    memory.mlock().unlockAll(process.space());
  }

  /**
   * {@code prlimit64(2)}.
   *
   * @param wanted null to ask only
   * @return what it was before
   */
  public Rlimits.Pair prlimit(Process process, Rlimit resource, Rlimits.@Nullable Pair wanted) {
    Rlimits limits = process.space().limits().rlimits();
    Rlimits.Pair old = limits.get(resource);
    if (wanted != null) {
      limits.set(resource, wanted);
    }
    return old;
  }

  /** {@code prlimit64(2)} with limits in user memory. */
  void prlimit(Process process, long pid, long number, long newLimit, long oldLimit) {
    Rlimit resource = Rlimit.of(number);
    if (resource == null) {
      throw refusal.of(Errno.EINVAL, StepKind.NO_SUCH_RESOURCE, number);
    }
    Rlimits.Pair wanted = null;
    if (newLimit != 0) {
      wanted =
          new Rlimits.Pair(
              user.readLong(process.space(), newLimit),
              user.readLong(process.space(), newLimit + 8));
    }
    Process target = (int) pid == 0 ? process : processes.find((int) pid);
    if (target == null || !target.isAlive()) {
      throw refusal.of(Errno.ESRCH, StepKind.NO_SUCH_PROCESS, pid);
    }
    Rlimits.Pair old = prlimit(target, resource, wanted);
    if (oldLimit != 0) {
      byte[] bytes = new byte[16];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(old.soft()).putLong(old.hard());
      user.write(process.space(), oldLimit, bytes);
    }
  }

  void mseal(Process process, long address, long length, long flags) {
    memory.mseal().seal(process.space(), address, length, flags);
  }

  void remapFilePages(Process process, long[] a) {
    memory.remapFilePages().remap(process.space(), a[0], a[1], a[2], a[3], (int) a[4]);
  }

  public void munlock(Process process, long address, long length) {
    memory.mlock().unlock(process.space(), address, length);
  }

  /** {@code mincore(2)}: a byte for each page. */
  public byte[] mincore(Process process, long address, long length) {
    return memory.mincore().residency(process.space(), address, length);
  }

  public long brk(Process process, long address) {
    return memory.brk().brk(process.space(), address);
  }

  /** Calls look at an offset or a length before they look for the file. */
  public void refuseNegative(long offset) {
    if (offset < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NEGATIVE, offset);
    }
  }

  /** {@code pread(2)}. */
  public byte[] pread(OpenFile open, int fd, int length, long offset) {
    checkReadable(open, fd);
    byte[] bytes = access.read(open, offset, length);
    happened(open, FileWatches.ACCESS, bytes.length);
    return bytes;
  }

  /** Tells those who watch a file of bytes that were read or written. */
  private long happened(OpenFile open, int event, long bytes) {
    if (bytes > 0) {
      files.watches().happened(open.file(), event);
    }
    return bytes;
  }

  private void checkReadable(OpenFile open, int fd) {
    if (!open.isReadable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_READABLE, fd);
    }
  }

  /** {@code pwrite(2)}; with O_APPEND at the end, whatever the offset, as on Linux. */
  public int pwrite(Process process, OpenFile open, int fd, byte[] data, long offset) {
    long at = checkWritable(open, fd, offset);
    if (at > LARGEST_FILE - data.length) {
      throw refusal.of(Errno.EFBIG, StepKind.TOO_LARGE_A_FILE, LARGEST_FILE);
    }
    int written = access.write(process.space().limits(), open.file(), at, data);
    happened(open, FileWatches.MODIFY, written);
    return written;
  }

  /** Where the bytes go. */
  private long checkWritable(OpenFile open, int fd, long offset) {
    if (!open.isWritable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_WRITABLE, fd);
    }
    return open.isAppending() ? open.file().size() : offset;
  }

  /** {@code pread64(2)} into user memory. */
  long pread(Process process, int fd, long buffer, long count, long offset) {
    refuseNegative(offset);
    OpenFile open = process.descriptors().regular(fd);
    checkReadable(open, fd);
    long most = Long.compareUnsigned(count, MOST_BYTES) > 0 ? MOST_BYTES : count;
    long read = buffers.read(process, open, buffer, most, offset);
    return happened(open, FileWatches.ACCESS, read);
  }

  /** Fills a buffer with bytes that were made for it, as far as it can be reached. */
  long fill(Process process, long buffer, byte[] bytes) {
    return buffers.fill(process.space(), buffer, bytes);
  }

  /** {@code pwrite64(2)} from user memory. */
  long pwrite(Process process, int fd, long buffer, long count, long offset) {
    refuseNegative(offset);
    OpenFile open = process.descriptors().regular(fd);
    long at = checkWritable(open, fd, offset);
    if (at >= LARGEST_FILE) {
      throw refusal.of(Errno.EFBIG, StepKind.TOO_LARGE_A_FILE, LARGEST_FILE);
    }
    long room = LARGEST_FILE - at;
    long most = Long.compareUnsigned(count, room) > 0 ? room : count;
    long written = buffers.write(process, open.file(), buffer, most, at);
    return happened(open, FileWatches.MODIFY, written);
  }

  /** {@code fallocate(2)}. */
  public void fallocate(OpenFile open, int fd, int mode, long offset, long length) {
    memory.fallocate().check(mode, offset, length);
    if (!open.isWritable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_WRITABLE, fd);
    }
    if (offset > LARGEST_FILE - length) {
      throw refusal.of(Errno.EFBIG, StepKind.TOO_LARGE_A_FILE, LARGEST_FILE);
    }
    memory.fallocate().apply(open.file(), mode, offset, length);
    files.watches().happened(open.file(), FileWatches.MODIFY);
  }

  /** {@code fchmod(2)}. */
  void fchmod(Process process, int fd, int mode) {
    Description open = process.descriptors().get(fd);
    if (open instanceof OpenFile file) {
      memory.seals().checkMode(file.file(), mode);
    }
    files.changeMode(open.file(), mode, open.path());
  }

  /** {@code fadvise64(2)}. */
  void fadvise(Process process, int fd, long offset, long length, int advice) {
    Description open = process.descriptors().get(fd);
    if (open instanceof ByteStream && !(open instanceof OpenDevice)) {
      throw refusal.of(Errno.ESPIPE, StepKind.NO_SEEKING, fd);
    }
    memory.fadvise().check(length, advice);
    if (open instanceof OpenFile file) {
      memory.fadvise().advise(file, offset, length, advice);
    }
  }

  /** {@code readahead(2)}. */
  void readahead(Process process, int fd, long offset, long count) {
    Description open = process.descriptors().get(fd);
    if (!open.isReadable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_READABLE, fd);
    }
    if (!(open instanceof OpenFile file)) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_A_FILE, open.path());
    }
    memory.fadvise().check(count, Fadvise.WILLNEED);
    memory.fadvise().advise(file, offset, count, Fadvise.WILLNEED);
  }

  /** {@code ftruncate(2)}. */
  public void ftruncate(OpenFile open, int fd, long length) {
    if (!open.isWritable()) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_WRITABLE, fd);
    }
    if (length > LARGEST_FILE) {
      throw refusal.of(Errno.EFBIG, StepKind.TOO_LARGE_A_FILE, LARGEST_FILE);
    }
    memory.seals().checkResize(open.file(), length);
    truncate.resize(open.file(), length);
    files.watches().happened(open.file(), FileWatches.MODIFY);
  }

  /** A file as if it had been opened RDWR for one call. */
  public OpenFile byPath(String path) {
    return byPath(files.root(), path);
  }

  OpenFile byPath(Directory start, String path) {
    return new OpenFile(files.regular(start, path), OpenFlag.RDWR.bit());
  }

  /** {@code unlink(2)}: the file lives on while it is open or mapped. */
  public void unlink(String path) {
    files.names().unlink(files.root(), path);
  }

  /** Gives a program bytes to read, from outside. */
  public void input(Process process, byte[] bytes, boolean end) {
    Console console = process.console();
    if (console == null) {
      throw refusal.of(Errno.EBADF, StepKind.BAD_DESCRIPTOR, 0);
    }
    if (!console.feed(bytes)) {
      throw refusal.of(Errno.EAGAIN, StepKind.INPUT_FULL);
    }
    if (end) {
      console.endInput();
    }
  }

  /** {@code mincore(2)} into user memory. */
  void mincore(Process process, long address, long length, long vector) {
    buffers.mincore(process, address, length, vector);
  }
}
