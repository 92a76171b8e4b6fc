package dev.faultline.kernel.syscall;

import dev.faultline.kernel.process.Process;

/**
 * A system call by {@code ecall}.
 *
 * @param number as riscv64 has it ({@code asm-generic/unistd.h})
 * @param arguments a letter for each: {@code d} number, {@code x} address or bits, {@code s} path,
 *     {@code a} directory to start from, {@code o} octal, {@code P} protection, {@code M} flags of
 *     mmap, {@code O} flags of open
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
    long call(Process process, long[] a);
  }
}
