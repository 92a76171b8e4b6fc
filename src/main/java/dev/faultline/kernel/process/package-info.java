/** Processes: an address space and a table of descriptors each. */
@NullMarked
package dev.faultline.kernel.process;

import org.jspecify.annotations.NullMarked;
