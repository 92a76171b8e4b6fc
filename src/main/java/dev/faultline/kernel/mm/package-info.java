/**
 * Memory management: frames and their references, page tables, VMAs, the page cache and page
 * faults.
 */
@NullMarked
package dev.faultline.kernel.mm;

import org.jspecify.annotations.NullMarked;
