/**
 * A log written down, as {@code docs/recording.md} promises it: {@link
 * dev.faultline.recording.RecordingWriter} cuts a log into segments, {@link
 * dev.faultline.recording.Recording} opens what was written from any range of bytes, {@link
 * dev.faultline.recording.Player} seeks, steps and steps back in it. Knows the log and nothing
 * else, so that a recording opens without a machine, and by the schema that it brings along.
 */
@NullMarked
package dev.faultline.recording;

import org.jspecify.annotations.NullMarked;
