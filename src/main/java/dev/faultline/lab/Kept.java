package dev.faultline.lab;

import dev.faultline.log.ChangeLog;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What of a laboratory is kept, and where.
 *
 * @param recorder makes what records a log; null when nobody does
 */
record Kept(CommandLog commands, @Nullable Function<ChangeLog, Recorder> recorder) {}
