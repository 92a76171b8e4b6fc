package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import dev.faultline.recording.Room;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What of a laboratory is kept, and where.
 *
 * @param torn how many bytes of a command that was never answered were cut off its command log
 * @param room asked before the command log grows
 * @param recorder makes what records a log; null when nobody does
 */
record Kept(
    CommandLog commands,
    long torn,
    Room room,
    @Nullable Function<ChangeLog, @Nullable Recorder> recorder) {
  /** Nothing that outlives this process. */
  static Kept nothing() {
    return new Kept(new MemoryCommandLog(), 0, Room.ENDLESS, null);
  }
}
