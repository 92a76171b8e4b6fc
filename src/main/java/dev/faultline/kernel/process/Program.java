package dev.faultline.kernel.process;

import dev.faultline.kernel.mm.AddressSpace;

/**
 * A program that is loaded and has not begun.
 *
 * @param path what {@code /proc/self/exe} shows
 * @param credentials whom it acts as
 * @param entry where it begins: in its interpreter, if it has one
 */
record Program(
    String path, Credentials credentials, AddressSpace space, long entry, long stackPointer) {
  /** The longest name of a task is one less than {@code TASK_COMM_LEN}. */
  private static final int LONGEST_NAME = 15;

  /** {@code comm}: the last part of the path, cut. */
  String name() {
    String last = path.substring(path.lastIndexOf('/') + 1);
    return last.substring(0, Math.min(last.length(), LONGEST_NAME));
  }
}
