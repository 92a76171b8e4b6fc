/** The handlers of system calls; commands and {@code ecall} enter the same ones. */
@NullMarked
package dev.faultline.kernel.syscall;

import org.jspecify.annotations.NullMarked;
