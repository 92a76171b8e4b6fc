package dev.faultline.kernel.process;

import java.util.OptionalLong;

/** What a system call that waits has begun: a place in a queue, an end of a FIFO, half a write. */
public interface UnfinishedCall {
  /** The call is over, or will be made anew. */
  default void leave() {}

  /** What it answers when a handler is called before it is done; empty if nothing is done yet. */
  default OptionalLong partialResult() {
    return OptionalLong.empty();
  }
}
