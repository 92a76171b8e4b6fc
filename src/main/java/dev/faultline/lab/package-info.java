/**
 * One live laboratory: a machine, its kernel and their log behind a queue of commands, with limits
 * and branches; the directory of all laboratories; and the place where their command logs are kept.
 */
@NullMarked
package dev.faultline.lab;

import org.jspecify.annotations.NullMarked;
