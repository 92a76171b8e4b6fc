/**
 * What is taught: scenarios and exercises as data, played as commands to a laboratory and graded by
 * the state and the log that they leave behind.
 */
@NullMarked
package dev.faultline.lesson;

import org.jspecify.annotations.NullMarked;
