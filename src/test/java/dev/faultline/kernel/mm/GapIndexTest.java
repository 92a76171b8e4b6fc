package dev.faultline.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The index of gaps against a map that is looked through from its end to its beginning. */
class GapIndexTest {
  private static final long PAGE = 4096;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final GapIndex index = new GapIndex();
  private final NavigableMap<Long, Long> widths = new TreeMap<>();

  private long highest(long most, long width) {
    for (var gap : widths.headMap(most, true).descendingMap().entrySet()) {
      if (gap.getValue() >= width) {
        return gap.getKey();
      }
    }
    return -1;
  }

  private long lowest(long least, long width) {
    for (var gap : widths.tailMap(least, true).entrySet()) {
      if (gap.getValue() >= width) {
        return gap.getKey();
      }
    }
    return -1;
  }

  private long address() {
    return random.nextLong(400) * PAGE;
  }

  @Test
  void gaps_areThoseThatALookThroughAllOfThemFinds() {
    for (int i = 0; i < 20_000; i++) {
      long end = address();
      if (random.nextInt(3) == 0) {
        index.remove(end);
        widths.remove(end);
      } else {
        long width = (random.nextLong(12) - 1) * PAGE;
        index.put(end, width);
        widths.put(end, width);
      }
      long bound = address();
      long wanted = random.nextLong(14) * PAGE;
      assertThat(index.highest(bound, wanted))
          .as("seed %d", seed)
          .isEqualTo(highest(bound, wanted));
      assertThat(index.lowest(bound, wanted)).as("seed %d", seed).isEqualTo(lowest(bound, wanted));
    }
  }

  @Test
  void manyGapsInOrder_areFoundInAMoment() {
    int many = 200_000;
    List<Long> found = new ArrayList<>();
    for (long i = 1; i <= many; i++) {
      index.put(i * PAGE, i == 7 ? 3 * PAGE : PAGE);
      if (i % 1000 == 0) {
        found.add(index.highest(Long.MAX_VALUE, 2 * PAGE));
      }
    }
    assertThat(found).hasSize(many / 1000).containsOnly(7 * PAGE);
  }
}
