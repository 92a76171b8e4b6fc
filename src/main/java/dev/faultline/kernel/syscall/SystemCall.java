package dev.faultline.kernel.syscall;

import dev.faultline.kernel.process.Process;
import dev.faultline.kernel.process.Task;
import java.util.stream.IntStream;

/**
 * A system call by {@code ecall}.
 *
 * @param number as riscv64 has it ({@code asm-generic/unistd.h})
 * @param arguments a letter for each: {@code d} number, {@code f} descriptor that the call works
 *     on, {@code x} address or bits, {@code s} path, {@code a} directory to start from, {@code o}
 *     octal, {@code P} protection, {@code M} flags of mmap, {@code O} flags of open
 */
public record SystemCall(int number, String name, String arguments, Handler handler) {
  /** What a call does; an error is a {@code LinuxError}. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Does it.
     *
     * @param a the registers a0 to a5
     * @return what goes to a0
     */
    long call(Task task, long[] a);
  }

  /** The same where all threads of a process are alike. */
  @FunctionalInterface
  public interface ProcessHandler {
    /** Does it. */
    long call(Process process, long[] a);
  }

  /** The descriptors that are among these arguments. */
  int[] descriptors(long[] a) {
    return IntStream.range(0, arguments.length())
        .filter(i -> arguments.charAt(i) == 'f')
        .map(i -> (int) a[i])
        .toArray();
  }

  /** A call for which it does not matter which thread of a process makes it. */
  static SystemCall ofProcess(int number, String name, String arguments, ProcessHandler handler) {
    return new SystemCall(number, name, arguments, (task, a) -> handler.call(task.process(), a));
  }
}
