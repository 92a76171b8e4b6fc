package dev.faultline.kernel.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** Linux's system calls by number, as a thread of this JVM makes them. */
final class HostCalls {
  static final int ESRCH = 3;
  static final int EAGAIN = 11;
  static final int ETIMEDOUT = 110;

  private static final int READ_ONLY = 0;
  private static final int OPEN = 2;
  private static final int CLOSE = 3;
  private static final int PREAD = 17;
  private static final int KILL = 62;
  private static final int FUTEX = 202;
  private static final int SET_AFFINITY = 203;
  private static final int GET_AFFINITY = 204;
  private static final int GET_CPU = 309;

  /** A bit for each processor; more of them than any machine has. */
  private static final int MASK_BYTES = 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(1));

  private final MemorySegment state;
  private final MemorySegment timeout;

  HostCalls(Arena arena) {
    state = arena.allocate(STATE);
    timeout = arena.allocate(2 * JAVA_LONG.byteSize());
  }

  /** The result, or the negative error number. */
  private long call(long number, long a, long b, long c, long d) {
    try {
      long result = (long) SYSCALL.invokeExact(state, number, a, b, c, d, 0L, 0L);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Gives a descriptor for reading. */
  long open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      return call(OPEN, arena.allocateFrom(path).address(), READ_ONLY, 0, 0);
    }
  }

  void close(long fd) {
    call(CLOSE, fd, 0, 0, 0);
  }

  long pread(long fd, MemorySegment into, long length, long offset) {
    return call(PREAD, fd, into.address(), length, offset);
  }

  long kill(long pid, int signal) {
    return call(KILL, pid, signal, 0, 0);
  }

  /**
   * Keeps this thread, and the processes that it starts, on the processor that it runs on.
   *
   * @return where it may run otherwise, for {@link #unpin}
   */
  byte[] pin() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MASK_BYTES);
      call(GET_AFFINITY, 0, MASK_BYTES, mask.address(), 0);
      byte[] before = mask.toArray(JAVA_BYTE);
      MemorySegment cpu = arena.allocate(JAVA_INT);
      call(GET_CPU, cpu.address(), 0, 0, 0);
      byte[] here = new byte[MASK_BYTES];
      int number = cpu.get(JAVA_INT, 0);
      here[number / 8] = (byte) (1 << number % 8);
      unpin(here);
      return before;
    }
  }

  /** Lets this thread run on these processors. */
  void unpin(byte[] mask) {
    try (Arena arena = Arena.ofConfined()) {
      call(SET_AFFINITY, 0, mask.length, arena.allocateFrom(JAVA_BYTE, mask).address(), 0);
    }
  }

  /** Sleeps while the word is {@code value}; at most so many seconds. */
  long futexWait(MemorySegment word, int value, long seconds) {
    timeout.set(JAVA_LONG, 0, seconds);
    timeout.set(JAVA_LONG, 8, 0);
    return call(FUTEX, word.address(), 0, value, timeout.address());
  }

  void futexWake(MemorySegment word) {
    call(FUTEX, word.address(), 1, 1, 0);
  }
}
