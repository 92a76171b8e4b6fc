package dev.faultline.kernel.fs;

import java.util.SplittableRandom;

/** The kernel's random numbers: from the laboratory's seed, so that they come again. */
public final class RandomBytes {
  private final SplittableRandom random;

  public RandomBytes(long seed) {
    random = new SplittableRandom(seed);
  }

  public byte[] next(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
