package dev.faultline.kernel.syscall;

import dev.faultline.kernel.abi.LinuxError;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.OpenFlag;
import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.kernel.mm.FileAccess;
import dev.faultline.kernel.mm.MemoryCalls;
import dev.faultline.kernel.mm.Truncate;
import dev.faultline.kernel.process.Process;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/**
 * The system calls, whether a command asks for them or a program's {@code ecall}. Refusals are
 * {@link LinuxError}s.
 */
public final class Syscalls {
  private static final int CLOSE = 57;
  private static final int BRK = 214;
  private static final int MUNMAP = 215;
  private static final int MREMAP = 216;
  private static final int MMAP = 222;
  private static final int MPROTECT = 226;
  private static final int MSYNC = 227;
  private static final int MLOCK = 228;
  private static final int MUNLOCK = 229;
  private static final int MADVISE = 233;

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

  /** {@code openat(2)}, relative to the root. */
  public int open(Process process, String path, int flags, int mode) {
    int fd = process.descriptors().reserve();
    boolean create = OpenFlag.CREAT.in(flags);
    RegularFile file = files.open(path, create, OpenFlag.EXCL.in(flags), mode);
    if (OpenFlag.DIRECTORY.in(flags)) {
      throw refusal.of(Errno.ENOTDIR, StepKind.NOT_A_DIRECTORY, path);
    }
    var open = new OpenFile(file, flags);
    // Linux truncates even what is opened for reading alone (build_open_flags asks for MAY_WRITE).
    if (OpenFlag.TRUNC.in(flags) && file.size() > 0) {
      truncate.resize(file, 0);
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
    OpenFile open = MapFlag.ANONYMOUS.in(flags) ? null : process.descriptors().get(fd);
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
    return new OpenFile(files.open(path, false, false, 0), OpenFlag.RDWR.bit());
  }

  /** {@code unlink(2)}: the file lives on while it is open or mapped. */
  public void unlink(String path) {
    files.unlink(path);
  }

  /**
   * A call by number, with its arguments as the registers a0 to a5 hold them; errors are negative
   * error numbers.
   */
  public long byNumber(Process process, long number, long[] a) {
    try {
      switch ((int) number) {
        case CLOSE -> close(process, (int) a[0]);
        case MUNMAP -> munmap(process, a[0], a[1]);
        case BRK -> {
          return brk(process, a[0]);
        }
        case MREMAP -> {
          return mremap(process, a[0], a[1], a[2], (int) a[3], a[4]);
        }
        case MLOCK -> mlock(process, a[0], a[1]);
        case MUNLOCK -> munlock(process, a[0], a[1]);
        case MADVISE -> madvise(process, a[0], a[1], (int) a[2]);
        case MSYNC -> msync(process, a[0], a[1], (int) a[2]);
        case MPROTECT -> mprotect(process, a[0], a[1], a[2]);
        case MMAP -> {
          return mmap(process, a[0], a[1], (int) a[2], (int) a[3], (int) a[4], a[5]);
        }
        default -> throw refusal.of(Errno.ENOSYS, StepKind.NO_SYSTEM_CALL, number);
      }
      return 0;
    } catch (LinuxError error) {
      return -error.errno().number();
    }
  }
}
