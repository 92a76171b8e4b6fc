package dev.faultline.kernel.process;

/**
 * What a process has used up, and what its children had used up that have ended and were waited for
 * ({@code getrusage(2)}).
 */
public final class Usage {
  private long time;
  private long minorFaults;
  private long majorFaults;
  private long childrenTime;
  private long childrenMinorFaults;
  private long childrenMajorFaults;

  /** The time of its threads that have ended, in nanoseconds. */
  long time() {
    return time;
  }

  /** Counts time that one of its threads had. */
  void addTime(long had) {
    time += had;
  }

  /**
   * One of its page faults was mended.
   *
   * @param isMajor whether a disk was read for it
   */
  public void countFault(boolean isMajor) {
    if (isMajor) {
      majorFaults++;
    } else {
      minorFaults++;
    }
  }

  public long minorFaults() {
    return minorFaults;
  }

  public long majorFaults() {
    return majorFaults;
  }

  public long childrenTime() {
    return childrenTime;
  }

  public long childrenMinorFaults() {
    return childrenMinorFaults;
  }

  public long childrenMajorFaults() {
    return childrenMajorFaults;
  }

  /** What a child used up counts as its children's ({@code wait_task_zombie}). */
  void inherit(Usage child) {
    childrenTime += child.time + child.childrenTime;
    childrenMinorFaults += child.minorFaults + child.childrenMinorFaults;
    childrenMajorFaults += child.majorFaults + child.childrenMajorFaults;
  }
}
