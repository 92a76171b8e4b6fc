package dev.faultline.kernel;

/**
 * How a run came to its end.
 *
 * @param status what the process exited with; 128 and the signal's number when one killed it, as a
 *     shell counts; 0 while it lives
 * @param instructions how many instructions retired meanwhile
 */
public record RunEnd(Reason reason, int status, long instructions) {
  /** What stopped a run. */
  public enum Reason {
    /** The process has ended. */
    EXIT,
    /** A process without a program got a signal, which it survives. */
    SIGNAL,
    /** A page fault was mended. */
    FAULT,
    /** A system call was answered. */
    SYSCALL,
    /** The next instruction is the one at the breakpoint. */
    BREAKPOINT,
    /** It waits for something that nobody here will bring about. */
    BLOCKED,
    /** As many instructions as were asked for have retired. */
    INSTRUCTIONS,
    /** The host had no more time for it. */
    TIME
  }
}
