/** What Linux promises to programs: flags, limits and refusals with their error numbers. */
@NullMarked
package dev.faultline.kernel.abi;

import org.jspecify.annotations.NullMarked;
