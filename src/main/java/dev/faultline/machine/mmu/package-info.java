/**
 * Address translation as the RISC-V Privileged Architecture has it ("Sv39: Page-Based 39-bit
 * Virtual-Memory System" and its larger sisters): the entries of page tables, the walk that reads
 * them, and the TLB.
 */
@NullMarked
package dev.faultline.machine.mmu;

import org.jspecify.annotations.NullMarked;
