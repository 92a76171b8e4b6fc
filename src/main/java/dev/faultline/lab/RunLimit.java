package dev.faultline.lab;

import java.util.function.BooleanSupplier;

/**
 * When a run is over, as the kernel asks between the turns that it gives to processes. How many
 * turns there were is what makes a run that its host's clock ended repeatable: the number of
 * instructions is not enough, since a turn may do something and retire none.
 */
final class RunLimit implements BooleanSupplier {
  private final long instructions;
  private final long mostTurns;
  private final long end;
  private final BooleanSupplier isEnded;
  private long turns;
  private boolean isLate;

  private RunLimit(long instructions, long turns, long millis, BooleanSupplier isEnded) {
    this.instructions = instructions;
    this.mostTurns = turns;
    this.isEnded = isEnded;
    end = System.nanoTime() + millis * 1_000_000L;
  }

  /** For a run that is new. */
  static RunLimit of(Limits limits, BooleanSupplier isEnded) {
    return new RunLimit(limits.runInstructions(), Long.MAX_VALUE, limits.runMillis(), isEnded);
  }

  /** For a run that ends where it did before, unless that takes so many milliseconds. */
  static RunLimit repeated(Logged.Limited before, long millis, BooleanSupplier isEnded) {
    long turns = before.turns() == 0 ? Long.MAX_VALUE : before.turns();
    return new RunLimit(before.instructions(), turns, millis, isEnded);
  }

  long instructions() {
    return instructions;
  }

  @Override
  public boolean getAsBoolean() {
    turns++;
    isLate = System.nanoTime() - end >= 0 || isEnded.getAsBoolean();
    return isLate || turns >= mostTurns;
  }

  /** True when it was not the run that came to its end, but the time that it had. */
  boolean isLate() {
    return isLate;
  }

  /** Where the run ended, for its repetition. */
  Logged.Limited limited() {
    return new Logged.Limited(instructions, isLate ? turns : 0);
  }
}
