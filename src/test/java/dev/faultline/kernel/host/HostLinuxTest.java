package dev.faultline.kernel.host;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random programs run here and on the Linux that this test runs on. {@code -Dfaultline.seed}
 * repeats a run, {@code -Dfaultline.host.operations} sets its length.
 */
class HostLinuxTest {
  private static final int OPERATIONS = Integer.getInteger("faultline.host.operations", 20_000);

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @TempDir Path directory = Path.of("");

  @Test
  void randomPrograms_agreeWithTheHostsKernel() throws IOException {
    System.out.println("HostLinuxTest: -Dfaultline.seed=" + seed);
    var seeds = new Random(seed);
    try (var programs = new Programs(directory)) {
      for (int done = 0; done < OPERATIONS; done += Programs.OPERATIONS) {
        String difference = programs.runRandom(seeds.nextLong());
        if (difference != null) {
          fail("-Dfaultline.seed=%d, after %d operations:%n%s", seed, done, difference);
        }
      }
    }
  }
}
