package dev.faultline.kernel.mm;

import dev.faultline.kernel.fs.Backing;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.StepKind;

/**
 * The memory that all processes were promised ({@code vm_committed_as}): every page of a VMA that
 * counts, touched or not, as {@link VmaTree} tells; and shared memory as {@code mm/shmem.c} counts
 * it, all of a file that is reserved, or else each page that there is, in a frame or in a slot, as
 * {@link PageCache} tells. Whoever is about to promise more asks first.
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
  public boolean isStrict() {
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

  /** A file was made ({@code shmem_acct_size}). */
  public void reserve(RegularFile file) {
    pages += file.backing() == Backing.RESERVED ? file.pages() : 0;
  }

  /** Nobody can reach a file any more ({@code shmem_unacct_size}). */
  void release(RegularFile file) {
    pages -= file.backing() == Backing.RESERVED ? file.pages() : 0;
  }

  /** A file has so many pages more than before ({@code shmem_acct_blocks}). */
  void changePages(RegularFile file, long by) {
    pages += file.backing() == Backing.BY_PAGE ? by : 0;
  }

  /** Whether a process may be promised so many pages more ({@code __vm_enough_memory}). */
  boolean allows(long more, long totalPages) {
    return switch (mode) {
      case ALWAYS -> true;
      case GUESS -> more <= frames.total() + swapSlots;
      case NEVER -> {
        long reserve = Math.min(frames.total() / 32, MOST_RESERVED);
        yield pages + more < limit() - Math.min(totalPages / 32, reserve);
      }
    };
  }

  void tellRefusal(long more) {
    log.step(StepKind.OVERCOMMITTED, more, pages);
  }
}
