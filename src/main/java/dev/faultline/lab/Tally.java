package dev.faultline.lab;

import java.util.concurrent.atomic.LongAdder;

/** What all laboratories of a server have done since it started, trials left out. */
public final class Tally {
  private final LongAdder commands = new LongAdder();
  private final LongAdder faults = new LongAdder();
  private final LongAdder changes = new LongAdder();

  void count(Outcome outcome, long faultsOfIt) {
    commands.increment();
    faults.add(faultsOfIt);
    changes.add(outcome.lastSequence() - outcome.firstSequence() + 1);
  }

  public long commands() {
    return commands.sum();
  }

  /** Page faults that the hart took. */
  public long faults() {
    return faults.sum();
  }

  /** Records of the logs. */
  public long changes() {
    return changes.sum();
  }
}
