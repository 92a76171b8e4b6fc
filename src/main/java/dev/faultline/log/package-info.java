/**
 * The one log of a laboratory: tables, changes, stories, the folded state and cursors.
 *
 * <p>A laboratory is a small database. Whatever the machine or the kernel changes is a row change
 * in one of the {@link Table tables}; a {@link ChangeLog} holds those changes in order, between the
 * steps of the {@link StepKind story} that explains them. Everything that shows, proves or replays
 * a laboratory reads this log through a {@link Cursor} of its own; {@link FoldedState} is the state
 * that the changes add up to.
 */
@NullMarked
package dev.faultline.log;

import org.jspecify.annotations.NullMarked;
