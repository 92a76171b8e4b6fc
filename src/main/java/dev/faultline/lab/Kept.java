package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What of a laboratory is kept, and where.
 *
 * @param torn how many bytes of a command that was never answered were cut off its command log
 * @param recorder makes what records a log; null when nobody does
 */
record Kept(CommandLog commands, long torn, @Nullable Function<ChangeLog, Recorder> recorder) {
  /** Nothing that outlives this process. */
  static Kept nothing() {
    return new Kept(new MemoryCommandLog(), 0, null);
  }
}
