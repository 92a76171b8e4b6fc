/**
 * A laboratory for virtual memory: a simulated RISC-V machine, a Linux-compatible mm that runs on
 * it, and the log of every change both of them make. Commands go in, changes come out. A package
 * stands only on those below it: {@code web}, {@code lesson}, {@code lab}, {@code recording},
 * {@code kernel}, {@code machine}, {@code log}.
 */
@NullMarked
package dev.faultline;

import org.jspecify.annotations.NullMarked;
