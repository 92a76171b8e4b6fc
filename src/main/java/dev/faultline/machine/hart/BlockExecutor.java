package dev.faultline.machine.hart;

/** What executes decoded blocks: an interpreter, or one day code compiled from them. */
interface BlockExecutor {
  /**
   * Executes from {@code pc} on, where {@code first} begins, until {@code budget} instructions have
   * retired or something needs the hart's attention. The hart's {@code pc} is then that of the next
   * instruction, or of the one that trapped.
   *
   * @return how many instructions retired
   */
  int run(Block first, long pc, int budget);
}
