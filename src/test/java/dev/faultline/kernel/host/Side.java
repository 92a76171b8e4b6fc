package dev.faultline.kernel.host;

import org.jspecify.annotations.Nullable;

/** One of two kernels that run the same program. */
interface Side {
  /**
   * Performs an operation of a living process; a fork makes a process of the name that it gives.
   */
  Answer perform(Operation operation);

  /** What a living process has in memory. */
  Snapshot snapshot(int process);

  /** The bytes of a file by its number, null when no file has its name. */
  byte @Nullable [] file(int number);
}
