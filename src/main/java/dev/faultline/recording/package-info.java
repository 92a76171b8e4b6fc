/**
 * A log written down: the file format, its keyframes and index, seeking in it, and its export as
 * lines of JSON. Knows the log and nothing else, so that a recording opens without a machine.
 */
@NullMarked
package dev.faultline.recording;

import org.jspecify.annotations.NullMarked;
