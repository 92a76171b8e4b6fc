package dev.faultline.kernel.mm;

import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;

/**
 * The memory that all processes were promised ({@code vm_committed_as}): every page of a VMA that
 * counts, touched or not. {@link VmaTree} keeps it; whoever is about to promise more asks first.
 */
public final class Commitment {
  /** {@code vm.overcommit_ratio}: the part of all frames that may be promised. */
  private static final int RATIO = 50;

  /** {@code vm.user_reserve_kbytes}: 1/32 of the memory, at most 128 MiB, for users to recover. */
  private static final long MOST_RESERVED = 32_768;

  private final Overcommit mode;
  private final FrameTable frames;
  private final int swapSlots;
  private final ChangeLog log;
  private long pages;

  /**
   * @param swapSlots pages that the swap area holds
   */
  public Commitment(Overcommit mode, FrameTable frames, int swapSlots, ChangeLog log) {
    this.mode = mode;
    this.frames = frames;
    this.swapSlots = swapSlots;
    this.log = log;
  }

  /** Whether MAP_NORESERVE is honoured. */
  boolean isStrict() {
    return mode == Overcommit.NEVER;
  }

  /** {@code Committed_AS}, in pages. */
  public long pages() {
    return pages;
  }

  /** {@code CommitLimit}, in pages. */
  public long limit() {
    return (long) frames.total() * RATIO / 100 + swapSlots;
  }

  void change(long by) {
    pages += by;
  }

  /** Whether a process may be promised so many pages more ({@code __vm_enough_memory}). */
  boolean allows(long more, long totalPages) {
    boolean allowed =
        switch (mode) {
          case ALWAYS -> true;
          case GUESS -> more <= frames.total() + swapSlots;
          case NEVER -> {
            long reserve = Math.min(frames.total() / 32, MOST_RESERVED);
            yield pages + more < limit() - Math.min(totalPages / 32, reserve);
          }
        };
    if (!allowed) {
      log.step(StepKind.OVERCOMMITTED, more, pages);
    }
    return allowed;
  }
}
