/** The hart: registers, decoding, execution and traps of RV64I in U-mode. */
@NullMarked
package dev.faultline.machine.hart;

import org.jspecify.annotations.NullMarked;
