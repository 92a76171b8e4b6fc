/**
 * The Linux-compatible kernel, in Java: the system calls' numbers and errors in {@code abi}, files
 * in {@code fs}, memory management in {@code mm}, processes in {@code process}, and the handlers of
 * system calls in {@code syscall}. A {@link dev.faultline.kernel.Kernel} is all of it on one
 * machine.
 */
@NullMarked
package dev.faultline.kernel;

import org.jspecify.annotations.NullMarked;
