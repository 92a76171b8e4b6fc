/** Physical memory: frames of 4 KiB as bytes. */
@NullMarked
package dev.faultline.machine.memory;

import org.jspecify.annotations.NullMarked;
