package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.Console;
import dev.faultline.kernel.fs.Description;
import dev.faultline.kernel.fs.Device;
import dev.faultline.kernel.fs.Directory;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenDevice;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.MemoryCalls;
import dev.faultline.kernel.mm.Truncate;
import dev.faultline.kernel.process.ProcFiles;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * The system calls that commands and a program's {@code ecall} both make. Refusals are {@link
 * LinuxError}s.
 */
public final class Syscalls {

  /** {@code s_maxbytes}: what an int can count, until files live elsewhere than in memory. */
  public static final long LARGEST_FILE = Integer.MAX_VALUE - 4096;

  private final FileSystem files;
  private final MemoryCalls memory;
  private final Truncate truncate;
  private final FileAccess access;
  private final Refusal refusal;

  public Syscalls(
      FileSystem files, MemoryCalls memory, Truncate truncate, FileAccess access, ChangeLog log) {
    this.files = files;
    this.memory = memory;
    this.truncate = truncate;
    this.access = access;
    this.refusal = new Refusal(log);
  }

  /** {@code openat(2)}, relative to the process's directory. */
  public int open(Process process, String path, int flags, int mode) {
    return open(process, process.directory(), path, flags, mode);
  }

  /** {@code openat(2)}, relative to a directory. */
  public int open(Process process, Directory start, String path, int flags, int mode) {
    int fd = process.descriptors().reserve();
    Description made = ProcFiles.open(process, path, flags);
    Description open = made != null ? made : files.open(start, path, flags, mode);
    // Linux truncates even what is opened for reading alone (build_open_flags asks for MAY_WRITE).
    if (open instanceof OpenFile file && OpenFlag.TRUNC.in(flags) && file.file().size() > 0) {
      truncate.resize(file.file(), 0);
    }
    process.descriptors().install(fd, open);
    return fd;
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
    memory.mlock().lock(process.space(), address, length);
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
    if (!open.isReadable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_READABLE, fd);
    }
    return access.read(open, offset, length);
  }

  /** {@code pwrite(2)}; with O_APPEND at the end, whatever the offset, as on Linux. */
  public int pwrite(OpenFile open, int fd, byte[] data, long offset) {
    if (!open.isWritable()) {
      throw refusal.of(Errno.EBADF, StepKind.NOT_WRITABLE, fd);
    }
    long at = open.isAppending() ? open.file().size() : offset;
    if (at > LARGEST_FILE - data.length) {
      throw refusal.of(Errno.EFBIG, StepKind.TOO_LARGE_A_FILE, LARGEST_FILE);
    }
    return access.write(open.file(), at, data);
  }

  /** {@code ftruncate(2)}. */
  public void ftruncate(OpenFile open, int fd, long length) {
    if (!open.isWritable()) {
      throw refusal.of(Errno.EINVAL, StepKind.NOT_WRITABLE, fd);
    }
    if (length > LARGEST_FILE) {
      throw refusal.of(Errno.EFBIG, StepKind.TOO_LARGE_A_FILE, LARGEST_FILE);
    }
    truncate.resize(open.file(), length);
  }

  /** A file as if it had been opened RDWR for one call. */
  public OpenFile byPath(String path) {
    return new OpenFile(files.regular(path), OpenFlag.RDWR.bit());
  }

  /** {@code unlink(2)}: the file lives on while it is open or mapped. */
  public void unlink(String path) {
    files.unlink(files.root(), path);
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
}
