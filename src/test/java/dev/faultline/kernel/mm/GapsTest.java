package dev.faultline.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.lab.TestLab;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where mappings are placed, against a walk over all VMAs from one gap to the next. */
class GapsTest {
  private static final long PAGE = 4096;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TestLab lab = TestLab.lazy();
  private final int pid = lab.spawn();

  /** The space of the only process; nobody else acts on it meanwhile. */
  private AddressSpace space() {
    return lab.laboratory()
        .ask(kernel -> Objects.requireNonNull(kernel.processes().find(pid)).space());
  }

  private static long downwards(AddressSpace space, long length) {
    List<Vma> all = new ArrayList<>(space.vmas().all());
    long limit = space.mmapBase();
    while (limit - length >= AddressSpace.LOWEST) {
      long end = limit;
      Vma above = null;
      for (Vma vma : all.reversed()) {
        if (vma.start() >= limit) {
          above = vma;
        } else if (end - vma.end() >= length) {
          break;
        } else {
          end = vma.start();
          above = vma;
        }
      }
      if (end - length < AddressSpace.LOWEST) {
        return upwards(space, length);
      }
      if (above == null || above.startGap() >= end) {
        return end - length;
      }
      limit = above.startGap();
    }
    return upwards(space, length);
  }

  private static long upwards(AddressSpace space, long length) {
    long start = space.end() / 3 + 4095 & ~4095L;
    for (Vma vma : space.vmas().all()) {
      if (vma.end() <= start) {
        continue;
      }
      if (vma.startGap() - start >= length) {
        return start;
      }
      start = vma.end();
    }
    return space.end() - start >= length ? start : -1;
  }

  /** Maps or unmaps a few pages somewhere in a region that soon is full of holes. */
  private void change(long from) {
    long address = from + random.nextLong(600) * PAGE;
    long length = (1 + random.nextLong(6)) * PAGE;
    int flags = TestLab.PRIVATE | TestLab.ANONYMOUS | TestLab.FIXED;
    switch (random.nextInt(8)) {
      case 0, 1 -> lab.munmap(pid, address, length);
      case 2 -> lab.mmap(pid, address, length, TestLab.RW, flags | MapFlag.GROWSDOWN.bit(), -1, 0);
      default -> lab.mmap(pid, address, length, random.nextInt(4), flags, -1, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void place_isTheOneThatAWalkOverAllFinds(boolean isTopDown) {
    AddressSpace space = space();
    if (!isTopDown) {
      space
          .limits()
          .rlimits()
          .set(Rlimit.STACK, new Rlimits.Pair(Rlimit.INFINITY, Rlimit.INFINITY));
      space.inheritLimits(space);
    }
    long region = isTopDown ? space.mmapBase() - 600 * PAGE : space.end() / 3 + 4095 & ~4095L;
    for (int i = 0; i < 300; i++) {
      change(region);
      for (int pages : new int[] {1, 2, 3, 7, 20, 300}) {
        long wanted = isTopDown ? downwards(space, pages * PAGE) : upwards(space, pages * PAGE);
        assertThat(space.findGap(pages * PAGE))
            .as("seed %d, change %d, %d pages", seed, i, pages)
            .isEqualTo(wanted);
      }
    }
  }
}
