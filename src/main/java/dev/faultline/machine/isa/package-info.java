/**
 * The instruction set RV64GC (RV64IMAFDC, Zicsr, Zifencei, Zicntr and the privileged instructions):
 * what each encoding means, and how it is written. Nothing here executes.
 */
@NullMarked
package dev.faultline.machine.isa;

import org.jspecify.annotations.NullMarked;
