/**
 * IEEE 754 arithmetic on bits, with every rounding mode and exact exception flags, as the F and D
 * extensions of RISC-V ask for it.
 */
@NullMarked
package dev.faultline.machine.fp;

import org.jspecify.annotations.NullMarked;
