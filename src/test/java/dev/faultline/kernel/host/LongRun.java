package dev.faultline.kernel.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Random programs for as long as wanted, by hand ({@code scripts/compare-with-linux}). It goes on
 * after a difference; each is printed as a program that the corpus can take.
 */
final class LongRun {
  private LongRun() {}

  public static void main(String[] arguments) throws IOException {
    long operations = Long.parseLong(arguments[0]);
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    System.out.printf("%,d operations from seed %d%n", operations, seed);
    Path directory = Files.createTempDirectory("faultline");
    long begin = System.nanoTime();
    int differences = 0;
    var seeds = new Random(seed);
    try (var programs = new Programs(directory)) {
      for (long done = 0; done < operations; done += Programs.OPERATIONS) {
        String difference = programs.runRandom(seeds.nextLong());
        if (difference != null) {
          differences++;
          System.out.println(difference);
        }
        if (done % 100_000 == 0) {
          System.out.printf(
              "%,d operations, %d differences, %d s%n",
              done + Programs.OPERATIONS, differences, (System.nanoTime() - begin) / 1_000_000_000);
        }
      }
    }
    System.out.printf("%,d operations, %d differences%n", operations, differences);
  }
}
