package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.machine.mmu.Entry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which page goes when frames run out, and in which order. */
class ReclaimTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private static boolean isMapped(TestLab lab, int pid, long va) {
    return Entry.isPresent(lab.entry(pid, va));
  }

  /** Uses a hot page between the first writes of many others; gives how often it was gone. */
  private static int hotPageIsTaken(ReclaimPolicy policy) {
    TestLab lab = TestLab.withSwap(24, 200, policy);
    int pid = lab.spawn();
    long hot = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, hot, pattern(PAGE));
    long cold = lab.mmap(pid, 100 * PAGE, RW, ANON, -1);
    int taken = 0;
    for (int page = 0; page < 100; page++) {
      lab.write(pid, cold + page * (long) PAGE, filled(1, page));
      taken += isMapped(lab, pid, hot) ? 0 : 1;
      assertThat(lab.read(pid, hot, PAGE)).isEqualTo(pattern(PAGE));
    }
    return taken;
  }

  @Test
  void hotPage_staysWhereAccessedBitsAreLookedAt() {
    // The first time, when all pages have A, nothing tells it from the others.
    assertThat(hotPageIsTaken(ReclaimPolicy.LRU)).isLessThanOrEqualTo(1);
    assertThat(hotPageIsTaken(ReclaimPolicy.CLOCK)).isLessThanOrEqualTo(2);
    assertThat(hotPageIsTaken(ReclaimPolicy.FIFO)).isGreaterThan(4);
  }

  @Test
  void fifo_takesPagesInTheOrderInWhichTheyCame() {
    TestLab lab = TestLab.withSwap(24, 64, ReclaimPolicy.FIFO);
    int pid = lab.spawn();
    long address = lab.mmap(pid, 30 * PAGE, RW, ANON, -1);
    for (int page = 0; page < 30; page++) {
      lab.write(pid, address + page * (long) PAGE, filled(1, page));
    }
    int swapped = lab.state().rows(Table.SWAP_SLOT).size();
    assertThat(swapped).isBetween(5, 20);
    for (int page = 0; page < 30; page++) {
      assertThat(isMapped(lab, pid, address + page * (long) PAGE)).isEqualTo(page >= swapped);
    }
  }

  @Test
  void secondChance_isToldAndClearsA() {
    TestLab lab = TestLab.withSwap(24, 64, ReclaimPolicy.CLOCK);
    int pid = lab.spawn();
    long address = lab.mmap(pid, 40 * PAGE, RW, ANON, -1);
    Outcome outcome = lab.write(pid, address, filled(40 * PAGE, 1));
    assertThat(lab.steps(outcome))
        .containsSubsequence(
            StepKind.RECLAIMS, StepKind.SECOND_CHANCE, StepKind.CHOOSES, StepKind.WRITES_SLOT);
  }

  @Test
  void cheapestPages_goFirst() {
    TestLab lab = TestLab.withSwap(40, 64, ReclaimPolicy.LRU);
    lab.put("/f", pattern(6 * PAGE));
    int pid = lab.spawn();
    int fd = lab.open(pid, "/f", RDWR);
    long file = lab.mmap(pid, 6 * PAGE, RW, SHARED, fd);
    lab.write(pid, file, filled(2 * PAGE, 'D'));
    lab.read(pid, file + 2 * PAGE, 2 * PAGE);
    lab.run(new Command.Pread(pid, new Command.ByDescriptor(fd), 2 * PAGE, 4 * PAGE));
    long address = lab.mmap(pid, 60 * PAGE, RW, ANON, -1);
    List<StepKind> steps = lab.steps(lab.write(pid, address, filled(60 * PAGE, 1)));
    List<StepKind> told =
        steps.stream()
            .filter(step ->
                step == StepKind.DROPS_CACHED
                    || step == StepKind.WRITES_DISK
                    || step == StepKind.WRITES_SLOT)
            .toList();
    assertThat(told.subList(0, 9))
        .containsExactly(
            StepKind.DROPS_CACHED,
            StepKind.DROPS_CACHED,
            StepKind.DROPS_CACHED,
            StepKind.DROPS_CACHED,
            StepKind.WRITES_DISK,
            StepKind.DROPS_CACHED,
            StepKind.WRITES_DISK,
            StepKind.DROPS_CACHED,
            StepKind.WRITES_SLOT);
    assertThat(lab.file("/f")).startsWith(filled(2 * PAGE, 'D'));
    assertThat(lab.read(pid, file, 2 * PAGE)).containsOnly('D');
  }

  @Test
  void mappedFilePage_isTakenFromEverybody() {
    TestLab lab = TestLab.withSwap(40, 0, ReclaimPolicy.FIFO);
    lab.put("/f", pattern(PAGE));
    int one = lab.spawn();
    int two = lab.spawn();
    long first = lab.mmap(one, PAGE, R, PRIVATE, lab.open(one, "/f", RDWR));
    long second = lab.mmap(two, PAGE, R, SHARED, lab.open(two, "/f", RDWR));
    lab.read(one, first, 1);
    lab.read(two, second, 1);
    long address = lab.mmap(one, 40 * PAGE, RW, ANON, -1);
    for (int page = 0; isMapped(lab, one, first); page++) {
      lab.write(one, address + page * (long) PAGE, new byte[] {1});
    }
    assertThat(lab.entry(two, second)).isZero();
    assertThat(lab.state().rows(Table.CACHED_PAGE).size()).isZero();
    lab.exit(one);
    assertThat(lab.read(two, second, PAGE)).isEqualTo(pattern(PAGE));
  }

  @Test
  void storePastTheEnd_isGoneWhenItsPageWas() {
    TestLab lab = TestLab.withSwap(24, 64, ReclaimPolicy.LRU);
    lab.put("/f", pattern(100));
    int pid = lab.spawn();
    long shared = lab.mmap(pid, PAGE, RW, SHARED, lab.open(pid, "/f", RDWR));
    lab.write(pid, shared + 99, filled(2, 'X'));
    assertThat(lab.read(pid, shared + 99, 2)).containsExactly('X', 'X');
    lab.write(pid, lab.mmap(pid, 40 * PAGE, RW, ANON, -1), filled(40 * PAGE, 1));
    assertThat(isMapped(lab, pid, shared)).isFalse();
    assertThat(lab.read(pid, shared + 99, 2)).containsExactly('X', 0);
  }

  @Test
  void unlinkedFile_keepsItsBytesThroughReclaim() {
    TestLab lab = TestLab.withSwap(32, 0, ReclaimPolicy.LRU);
    lab.put("/f", pattern(30 * PAGE));
    int pid = lab.spawn();
    long address = lab.mmap(pid, 30 * PAGE, RW, SHARED, lab.open(pid, "/f", RDWR));
    lab.run(new Command.Unlink(pid, "/f"));
    lab.write(pid, address, filled(30 * PAGE, 6));
    assertThat(lab.read(pid, address, 30 * PAGE)).containsOnly(6);
  }

  @ParameterizedTest
  @EnumSource
  void coldPages_goBeforeOthersWhereThePolicyKnowsUse(ReclaimPolicy policy) {
    TestLab lab = TestLab.withSwap(40, 64, policy);
    int pid = lab.spawn();
    long address = lab.mmap(pid, 20 * PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(20 * PAGE, 1));
    Outcome cold =
        lab.run(new Command.Madvise(pid, address + 10 * PAGE, 2 * PAGE, Advice.COLD.number()));
    assertThat(cold.story()).contains("2 pages are the next to go");
    assertThat(lab.entry(pid, address + 10 * PAGE) & Entry.A).isZero();
    long more = lab.mmap(pid, 20 * PAGE, RW, ANON, -1);
    for (int page = 0; lab.state().rows(Table.SWAP_SLOT).size() == 0; page++) {
      lab.write(pid, more + page * (long) PAGE, new byte[] {1});
    }
    if (policy == ReclaimPolicy.LRU || policy == ReclaimPolicy.CLOCK) {
      boolean bothStay =
          isMapped(lab, pid, address + 10 * PAGE) && isMapped(lab, pid, address + 11 * PAGE);
      assertThat(bothStay).isFalse();
    }
    assertThat(lab.read(pid, address, 20 * PAGE)).containsOnly(1);
  }
}
