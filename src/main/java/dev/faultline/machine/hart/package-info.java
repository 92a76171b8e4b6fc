/**
 * The hart: one RV64GC core with its control and status registers. {@link
 * dev.faultline.machine.hart.Hart} is where to begin; it takes decoded blocks from the code cache
 * and gives them to the interpreter or, once they are hot, to their compiled region.
 */
@NullMarked
package dev.faultline.machine.hart;

import org.jspecify.annotations.NullMarked;
