package dev.faultline.kernel.mm;

import dev.faultline.kernel.abi.Refusal;
import dev.faultline.kernel.fs.OpenFile;
import dev.faultline.kernel.fs.ReadaheadState;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;

/** Advice about what will be read of a file ({@code mm/fadvise.c}). */
public final class Fadvise {
  public static final int NORMAL = 0;
  public static final int RANDOM = 1;
  public static final int SEQUENTIAL = 2;
  public static final int WILLNEED = 3;
  public static final int DONTNEED = 4;
  public static final int NOREUSE = 5;

  private static final int PAGE = 4096;

  private final PageCache cache;
  private final Refusal refusal;

  public Fadvise(PageCache cache, ChangeLog log) {
    this.cache = cache;
    this.refusal = new Refusal(log);
  }

  /** What is wrong with the arguments, whatever is open. */
  public void check(long length, int advice) {
    if (length < 0) {
      throw refusal.of(Errno.EINVAL, StepKind.NEGATIVE, length);
    }
    if (advice < NORMAL || advice > NOREUSE) {
      throw refusal.of(Errno.EINVAL, StepKind.UNKNOWN_ADVICE, advice);
    }
  }

  /**
   * {@code posix_fadvise(2)}, with arguments that were checked. Of a file in memory all of it is
   * there already.
   *
   * @param length 0 for all that follows
   */
  public void advise(OpenFile open, long offset, long length, int advice) {
    RegularFile file = open.file();
    if (!file.isOnDisk()) {
      return;
    }
    ReadaheadState state = open.readahead();
    long last = length == 0 || offset + length < length ? Long.MAX_VALUE : offset + length - 1;
    switch (advice) {
      case RANDOM -> state.setRandom(true);
      case NORMAL, SEQUENTIAL -> {
        state.setRandom(false);
        state.setSequential(advice == SEQUENTIAL);
      }
      case WILLNEED -> readAhead(file, offset, last);
      case DONTNEED -> drop(file, offset, last);
      default -> {}
    }
  }

  private void readAhead(RegularFile file, long offset, long last) {
    long first = offset >>> 12;
    if (first < file.pages()) {
      cache.readAhead(file, first, (last >>> 12) - first + 1, -1);
    }
  }

  /**
   * Pages that lie wholly in the range leave the page cache. A dirty one is only written back: the
   * disk has not got it yet when the clean ones are looked for.
   */
  private void drop(RegularFile file, long offset, long last) {
    boolean endsAPage = (last + 1) % PAGE == 0 || last == file.size() - 1;
    long end = (last >>> 12) + (endsAPage ? 1 : 0);
    cache.dropClean(file, offset + PAGE - 1 >>> 12, end);
    cache.writeBack(file, offset >>> 12, last >>> 12);
  }
}
