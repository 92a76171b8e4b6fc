/**
 * What is taught: scenarios as data, each a laboratory's settings, what is prepared in it, and
 * commands with what is to be said and expected of them. {@link
 * dev.faultline.lesson.ScenarioReader} reads one, {@link dev.faultline.lesson.Scenarios} has them
 * all.
 */
@NullMarked
package dev.faultline.lesson;

import org.jspecify.annotations.NullMarked;
