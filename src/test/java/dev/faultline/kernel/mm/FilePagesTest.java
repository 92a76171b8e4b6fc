package dev.faultline.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.fs.FileSystem;
import dev.faultline.kernel.fs.RandomBytes;
import dev.faultline.kernel.fs.RegularFile;
import dev.faultline.log.ChangeLog;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The pages of a file by number against a map of them. */
class FilePagesTest {
  private static final long SPREAD = 1000;
  private static final long FAR = 1L << 40;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final FilePages pages = new FilePages();
  private final NavigableMap<Long, CachedPage> model = new TreeMap<>();

  /** Near ones share leaves, some lie far away. */
  private long number() {
    return random.nextLong(SPREAD) + (random.nextInt(4) == 0 ? FAR : 0);
  }

  @Test
  void pages_areThoseThatWereAddedAndNotRemoved() {

    RegularFile file =
        new FileSystem(new RandomBytes(1), () -> 0, ChangeLog.forgetting())
            .put("/f", 0644, new byte[0]);
    for (int i = 0; i < 20_000; i++) {
      long number = number();
      CachedPage there = model.get(number);
      assertThat(pages.get(number)).as("seed %d", seed).isSameAs(there);
      if (there != null) {
        pages.remove(there);
        model.remove(number);
      } else {
        var cached = new CachedPage(file, number, i);
        pages.add(cached);
        model.put(number, cached);
      }
      if (i % 50 == 0) {
        long first = number();
        long end = Math.max(first, number());
        assertThat(pages.between(first, end))
            .as("seed %d, from %d to %d", seed, first, end)
            .containsExactlyElementsOf(model.subMap(first, end).values());
      }
      assertThat(pages.size()).isEqualTo(model.size());
    }
    assertThat(pages.between(0, Long.MAX_VALUE)).containsExactlyElementsOf(model.values());
  }
}
