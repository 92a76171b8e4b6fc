/** The files of {@code /proc}, in the words and columns of Linux. */
@NullMarked
package dev.faultline.kernel.procfs;

import org.jspecify.annotations.NullMarked;
