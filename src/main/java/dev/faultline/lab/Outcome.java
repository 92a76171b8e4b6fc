package dev.faultline.lab;

import dev.faultline.kernel.SignalInfo;
import dev.faultline.log.Errno;
import org.jspecify.annotations.Nullable;

/**
 * How a command came out: exactly one of {@code result}, {@code errno} and {@code signal} is there;
 * a step or a run that a signal stopped has a result beside it.
 *
 * @param why the rule that decided, null when nothing had to be decided
 * @param firstSequence the first record of the command in the log
 * @param lastSequence the last one
 * @param story the command's story in one sentence
 */
public record Outcome(
    @Nullable Result result,
    @Nullable Errno errno,
    @Nullable SignalInfo signal,
    @Nullable String why,
    long firstSequence,
    long lastSequence,
    String story) {}
