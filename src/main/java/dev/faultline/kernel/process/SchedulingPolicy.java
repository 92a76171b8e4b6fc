package dev.faultline.kernel.process;

/**
 * What a thread was told with {@code sched_setscheduler(2)}.
 *
 * @param number {@code SCHED_OTHER} and its kin
 * @param priority 1 to 99 under a real-time policy, else 0
 * @param resetsOnFork whether its children are ordinary again
 */
public record SchedulingPolicy(int number, int priority, boolean resetsOnFork) {
  public static final SchedulingPolicy OTHER = new SchedulingPolicy(0, 0, false);

  private static final int FIFO = 1;
  private static final int RR = 2;
  private static final int BATCH = 3;
  private static final int IDLE = 5;
  private static final int LOWEST = 1;
  private static final int HIGHEST = 99;

  /** Whether there is such a policy; deadlines are not modelled. */
  public static boolean exists(long number) {
    return number == OTHER.number || number == BATCH || number == IDLE || isRealTime(number);
  }

  private static boolean isRealTime(long number) {
    return number == FIFO || number == RR;
  }

  public static int highest(long number) {
    return isRealTime(number) ? HIGHEST : 0;
  }

  public static int lowest(long number) {
    return isRealTime(number) ? LOWEST : 0;
  }

  public boolean isRealTime() {
    return isRealTime(number);
  }

  /** Whether its priority is one of its policy's. */
  public boolean isPossible() {
    return exists(number) && priority >= lowest(number) && priority <= highest(number);
  }

  SchedulingPolicy ofChild() {
    return !resetsOnFork ? this : isRealTime() ? OTHER : new SchedulingPolicy(number, 0, false);
  }
}
