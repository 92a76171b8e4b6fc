package dev.faultline.lesson;

import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must come of a step, so that its narration stays true. Without an errno and a signal the
 * command must succeed.
 *
 * @param result the number it returns, null for any
 * @param reads the text that its bytes begin with, null for any
 * @param signal {@code "SIGSEGV SEGV_MAPERR"} and the like
 * @param tells kinds of steps that its story has, in this order, others between them
 * @param silent kinds of steps that its story must not have
 * @param frames how many frames more are in use afterwards, null for any number
 * @param pages pages of processes as they are afterwards
 */
public record Expectation(
    @Nullable Long result,
    @Nullable String reads,
    @Nullable Errno errno,
    @Nullable String signal,
    List<StepKind> tells,
    List<StepKind> silent,
    @Nullable Integer frames,
    List<Page> pages) {
  static final Expectation SUCCESS =
      new Expectation(null, null, null, null, List.of(), List.of(), null, List.of());

  /**
   * What a page is mapped to.
   *
   * @param refs of its frame; 0 when no entry maps it
   */
  public record Page(int pid, long address, int refs) {}
}
