/** Measurements, run by hand and never asserted. */
@NullMarked
package dev.faultline.bench;

import org.jspecify.annotations.NullMarked;
