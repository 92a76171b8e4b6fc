package dev.faultline.kernel.syscall;

import dev.faultline.kernel.process.UnfinishedCall;
import java.util.OptionalLong;

/**
 * A write waits for room for the rest of its bytes.
 *
 * @param written how many have gone
 */
record UnfinishedWrite(long written) implements UnfinishedCall {
  @Override
  public OptionalLong partialResult() {
    return written > 0 ? OptionalLong.of(written) : OptionalLong.empty();
  }
}
