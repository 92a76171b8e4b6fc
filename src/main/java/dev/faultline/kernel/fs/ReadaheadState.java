package dev.faultline.kernel.fs;

/**
 * How an open file is being read ({@code struct file_ra_state}): the last window of pages that was
 * read ahead, where the last read ended, and how often faults found nothing.
 */
public final class ReadaheadState {
  private long start;
  private long size;
  private long asyncSize;
  private long previousEnd = -1;
  private int misses;
  private boolean random;
  private boolean sequential;

  /**
   * A window was chosen.
   *
   * @param newAsyncSize how many of its last pages are still to come when the next one is begun
   */
  public void setWindow(long newStart, long newSize, long newAsyncSize) {
    start = newStart;
    size = newSize;
    asyncSize = newAsyncSize;
  }

  public long start() {
    return start;
  }

  public long size() {
    return size;
  }

  public long asyncSize() {
    return asyncSize;
  }

  /** The page in which the last read ended; as an unsigned number far away before the first. */
  public long previousPage() {
    return previousEnd >>> 12;
  }

  /** Where a read ended. */
  public void setPreviousEnd(long offset) {
    previousEnd = offset;
  }

  /** Nothing is to be read ahead of reads ({@code FMODE_RANDOM}). */
  public boolean isRandom() {
    return random;
  }

  public void setRandom(boolean newRandom) {
    random = newRandom;
  }

  /** Windows may be twice as long. */
  public boolean isSequential() {
    return sequential;
  }

  public void setSequential(boolean newSequential) {
    sequential = newSequential;
  }

  /** How many more faults missed than hit the page cache ({@code mmap_miss}). */
  public int misses() {
    return misses;
  }

  public void setMisses(int newMisses) {
    misses = newMisses;
  }
}
