package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a laboratory costs that nobody has touched. */
@Isolated("what it measures is the whole JVM's")
class IdleLaboratoryTest {
  private static final int COUNT = 200;
  private static final long MOST_BYTES = 1 << 20;

  private static Laboratory open(Laboratories laboratories, int number) {
    return laboratories.open(Settings.of("idle" + number, PrivateFileStrategy.LAZY));
  }

  private static long used() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void idleLaboratory_costsLessThanAMebibyte() {
    var laboratories = new Laboratories(Limits.DEFAULT);
    List<Laboratory> kept = new ArrayList<>();
    kept.add(open(laboratories, 0));
    long before = used();
    long begin = System.nanoTime();
    for (int number = 1; number <= COUNT; number++) {
      kept.add(open(laboratories, number));
    }
    long nanos = System.nanoTime() - begin;
    long bytes = (used() - before) / COUNT;
    System.out.printf(
        "An idle laboratory: %d KiB, made in %d microseconds%n", bytes >> 10, nanos / COUNT / 1000);
    assertThat(kept).hasSize(COUNT + 1);
    assertThat(bytes).isBetween(1L, MOST_BYTES);
  }
}
