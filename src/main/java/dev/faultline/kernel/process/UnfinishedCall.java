package dev.faultline.kernel.process;

/** What a system call that waits has begun: a place in a queue, an end of a FIFO. */
public interface UnfinishedCall {
  /** The call is over, or will be made anew. */
  void leave();
}
