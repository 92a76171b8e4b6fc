package dev.faultline.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.faultline.Missing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The kernel that this very process runs on, as an oracle: its system calls on a range of addresses
 * that nothing else in the process uses. Memory is read and written by {@code process_vm_readv} and
 * {@code process_vm_writev} on the own process, which stop where a load or store would raise a
 * signal.
 */
public final class HostLinux implements AutoCloseable {
  /** Far below where Linux places mappings of its own accord, and inside Sv39's user space too. */
  public static final long RANGE = 0x10_0000_0000L;

  static final int RANGE_PAGES = 256;

  private static final int PAGE = 4096;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MSYNC =
      function("msync", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PWRITE =
      function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MREMAP =
      function(
          "mremap",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MADVISE =
      function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MLOCK =
      function("mlock", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MUNLOCK =
      function("munlock", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MINCORE =
      function("mincore", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS));
  private static final MethodHandle OPEN =
      function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FSYNC =
      function("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FADVISE =
      function(
          "posix_fadvise",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MEMFD =
      function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FALLOCATE =
      function(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle READV = processVm("process_vm_readv");
  private static final MethodHandle WRITEV = processVm("process_vm_writev");

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment callState = arena.allocate(CALL_STATE);
  private final MemorySegment buffer = arena.allocate(64L * PAGE);
  private final MemorySegment local = arena.allocate(2 * JAVA_LONG.byteSize());
  private final MemorySegment remote = arena.allocate(2 * JAVA_LONG.byteSize());
  private final RandomAccessFile pagemap;

  private HostLinux(RandomAccessFile pagemap) {
    this.pagemap = pagemap;
  }

  public static HostLinux open() {
    try {
      return new HostLinux(new RandomAccessFile("/proc/self/pagemap", "r"));
    } catch (IOException exception) {
      throw Missing.thing(
          "no Linux under this JVM to compare with (/proc/self/pagemap)", exception);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle processVm(String name) {
    return function(
        name,
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG));
  }

  /** The result, or the negative error number. */
  private long result(long returned) {
    return returned == -1 ? -(int) ERRNO.get(callState, 0L) : returned;
  }

  public long mmap(long address, long length, int prot, int flags, int fd, long offset) {
    try {
      return result((long) MMAP.invokeExact(callState, address, length, prot, flags, fd, offset));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  public long munmap(long address, long length) {
    try {
      return result((int) MUNMAP.invokeExact(callState, address, length));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long mprotect(long address, long length, int prot) {
    try {
      return result((int) MPROTECT.invokeExact(callState, address, length, prot));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long msync(long address, long length, int flags) {
    try {
      return result((int) MSYNC.invokeExact(callState, address, length, flags));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long ftruncate(int fd, long length) {
    try {
      return result((int) FTRUNCATE.invokeExact(callState, fd, length));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Gives the bytes read after the result. */
  long pread(int fd, byte[] into, long offset) {
    try {
      long result =
          result((long) PREAD.invokeExact(callState, fd, buffer, (long) into.length, offset));
      MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, (int) Math.max(result, 0));
      return result;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long pwrite(int fd, byte[] bytes, long offset) {
    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
    try {
      return result((long) PWRITE.invokeExact(callState, fd, buffer, (long) bytes.length, offset));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long mremap(long address, long oldLength, long newLength, int flags, long newAddress) {
    try {
      return result(
          (long) MREMAP.invokeExact(callState, address, oldLength, newLength, flags, newAddress));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  public long madvise(long address, long length, int advice) {
    try {
      return result((int) MADVISE.invokeExact(callState, address, length, advice));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long mlock(long address, long length, boolean lock) {
    try {
      return result(
          lock
              ? (int) MLOCK.invokeExact(callState, address, length)
              : (int) MUNLOCK.invokeExact(callState, address, length));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long mincore(long address, long length) {
    try {
      return result((int) MINCORE.invokeExact(callState, address, length, buffer));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** For each page of a mapped range, whether it is in memory. */
  boolean[] residency(long address, int pages) {
    boolean[] resident = new boolean[pages];
    if (mincore(address, (long) pages * PAGE) != 0) {
      throw new AssertionError("mincore");
    }
    for (int i = 0; i < pages; i++) {
      resident[i] = (buffer.get(ValueLayout.JAVA_BYTE, i) & 1) != 0;
    }
    return resident;
  }

  /** Writes a file's pages to the disk and drops them from the page cache. */
  public void evict(int fd) {
    try {
      int synced = (int) FSYNC.invokeExact(callState, fd);
      int advised = (int) FADVISE.invokeExact(callState, fd, 0L, 0L, 4);
      if (synced != 0 || advised != 0) {
        throw new AssertionError("fsync, posix_fadvise");
      }
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  public int open(Path path, int flags) {
    try {
      return (int)
          result((int) OPEN.invokeExact(callState, arena.allocateFrom(path.toString()), flags));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** A file in memory, by the address of its name. */
  long memfd(MemorySegment name, int flags) {
    try {
      return result((int) MEMFD.invokeExact(callState, name, flags));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  long fallocate(int fd, int mode, long offset, long length) {
    try {
      return result((int) FALLOCATE.invokeExact(callState, fd, mode, offset, length));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** A line of {@code /proc/meminfo}, in pages. */
  static long meminfo(String label) throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith(label + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 4)
        .findFirst()
        .orElseThrow();
  }

  public long closeDescriptor(int fd) {
    try {
      return result((int) CLOSE.invokeExact(callState, fd));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Reads as far as it can; gives what it could. */
  byte[] read(long address, int length) {
    long done = transfer(READV, address, length);
    byte[] bytes = new byte[(int) Math.max(done, 0)];
    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
    return bytes;
  }

  /** Writes as far as it can; gives how many bytes that were. */
  int write(long address, byte[] bytes) {
    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return (int) Math.max(transfer(WRITEV, address, bytes.length), 0);
  }

  private long transfer(MethodHandle call, long address, int length) {
    local.set(JAVA_LONG, 0, buffer.address());
    local.set(JAVA_LONG, 8, length);
    remote.set(JAVA_LONG, 0, address);
    remote.set(JAVA_LONG, 8, length);
    int pid = (int) ProcessHandle.current().pid();
    try {
      return result((long) call.invokeExact(callState, pid, local, 1L, remote, 1L, 0L));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The lines of {@code /proc/self/maps} that lie in the range. */
  List<String> maps() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> {
          long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
          return start >= RANGE && start < RANGE + (long) RANGE_PAGES * PAGE;
        })
        .toList();
  }

  /** What {@code /proc/self/smaps} has about mappings in the range. */
  String smaps() throws IOException {
    var text = new StringBuilder();
    boolean inRange = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
        inRange = start >= RANGE && start < RANGE + (long) RANGE_PAGES * PAGE;
      }
      if (inRange) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }

  /** For each page of the range, whether it is present and not a page of a file. */
  boolean[] anonymousPages() throws IOException {
    byte[] entries = new byte[RANGE_PAGES * 8];
    pagemap.seek(RANGE / PAGE * 8);
    pagemap.readFully(entries);
    ByteBuffer words = ByteBuffer.wrap(entries).order(ByteOrder.nativeOrder());
    boolean[] present = new boolean[RANGE_PAGES];
    for (int i = 0; i < RANGE_PAGES; i++) {
      long word = words.getLong(i * 8);
      present[i] = word < 0 && (word >>> 61 & 1) == 0;
    }
    return present;
  }

  @Override
  public void close() throws IOException {
    munmap(RANGE, (long) RANGE_PAGES * PAGE);
    pagemap.close();
    arena.close();
  }
}
