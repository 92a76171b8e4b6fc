/**
 * The simulated computer, which knows nothing of Linux: physical frames in {@code memory}, the MMU
 * with its TLB in {@code mmu}, and the RISC-V hart in {@code hart}. A {@link
 * dev.faultline.machine.Machine} is the three together.
 */
@NullMarked
package dev.faultline.machine;

import org.jspecify.annotations.NullMarked;
