package dev.faultline.kernel.process;

/**
 * What the parent of a process may wait for: that a signal stopped it, that it goes on, or that it
 * has ended; with the words in which {@code wait4(2)} tells it.
 */
public final class Condition {
  private static final int KILLED = 1;
  private static final int EXITED = 2;

  /** What a shell adds to the number of the signal that killed a process. */
  private static final int KILLED_STATUS = 128;

  /** How a process that stopped or goes on is told to its parent, which hears of it once. */
  private static final int CONTINUED = 0xffff;

  private static final int STOPPED_BITS = 0x7f;

  private int ended;
  private int status;
  private int news;
  private boolean stopped;
  private boolean reaped;

  boolean isAlive() {
    return ended == 0;
  }

  /** How it ended, as its row has it; 0 while it lives. */
  int end() {
    return ended;
  }

  void end(boolean killed, int newStatus) {
    status = newStatus;
    ended = killed ? KILLED : EXITED;
  }

  public boolean wasKilled() {
    return ended == KILLED;
  }

  /** What it exited with, or 128 and the number of the signal that killed it. */
  public int status() {
    return status;
  }

  /** The word for how it ended. */
  public int endWord() {
    return wasKilled() ? status - KILLED_STATUS : status << 8;
  }

  /** Whether its parent has heard of its end. */
  public boolean isReaped() {
    return reaped;
  }

  void reap() {
    reaped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  void stop(int signal) {
    stopped = true;
    news = signal << 8 | STOPPED_BITS;
  }

  void goOn() {
    stopped = false;
    news = CONTINUED;
  }

  /** The word for a stop that its parent has not heard of; 0 for none. */
  public int stopWord() {
    return stopped ? news : 0;
  }

  /** The word for its going on; 0 when its parent has heard of that. */
  public int continueWord() {
    return stopped ? 0 : news;
  }

  public void hearNews() {
    news = 0;
  }
}
