package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What happens when no page can be taken any more. */
@Execution(ExecutionMode.CONCURRENT)
class OomTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.withSwap(64, 8, ReclaimPolicy.LRU);

  private long fill(int pid, int pages) {
    long address = lab.mmap(pid, pages * PAGE, RW, ANON, -1);
    lab.write(pid, address, pattern(pages * PAGE));
    return address;
  }

  private boolean wasKilled(int pid) {
    return lab.laboratory()
        .ask(
            kernel -> Objects.requireNonNull(kernel.processes().find(pid)).condition().wasKilled());
  }

  private static boolean isKill(Outcome outcome) {
    return outcome.signal() != null && outcome.signal().signal() == Signal.SIGKILL;
  }

  @Test
  void largestProcess_isKilledAndTheOneThatFaultedGoesOn() {
    int large = lab.spawn();
    fill(large, 40);
    int small = lab.spawn();
    long address = lab.mmap(small, 30 * PAGE, RW, ANON, -1);
    Outcome outcome = lab.write(small, address, pattern(30 * PAGE));
    assertThat(lab.steps(outcome)).contains(StepKind.COUNTS_BADNESS, StepKind.OUT_OF_FRAMES);
    assertThat(outcome.story()).contains("out of memory: P" + large + " killed");
    assertThat(wasKilled(large)).isTrue();
    assertThat(lab.read(small, address, 30 * PAGE)).isEqualTo(pattern(30 * PAGE));
  }

  @Test
  void badness_countsSwappedPagesAndTables() {
    int swapped = lab.spawn();
    long address = fill(swapped, 8);
    lab.run(new Command.Madvise(swapped, address, 8 * PAGE, Advice.PAGEOUT.number()));
    fill(swapped, 12);
    int other = lab.spawn();
    fill(other, 16);
    long more = lab.mmap(other, 60 * PAGE, RW, ANON, -1);
    Outcome outcome = lab.tryWrite(other, more, filled(4 * PAGE, 1));
    for (int page = 4; !wasKilled(swapped) && !wasKilled(other); page++) {
      outcome = lab.tryWrite(other, more + page * (long) PAGE, filled(1, 1));
    }
    assertThat(outcome.why()).contains("badness");
    assertThat(wasKilled(other)).as("16 pages and more, against 20 with those in swap").isTrue();
    lab.exit(swapped);
    assertThat(lab.state().rows(Table.SWAP_SLOT).size()).isZero();
  }

  @Test
  void alike_theYoungestGoes() {
    TestLab tiny = TestLab.withSwap(64, 0, ReclaimPolicy.LRU);
    int[] pids = {tiny.spawn(), tiny.spawn(), tiny.spawn()};
    for (int pid : pids) {
      long address = tiny.mmap(pid, 16 * PAGE, RW, ANON, -1);
      tiny.write(pid, address, filled(16 * PAGE, pid));
    }
    int asking = tiny.spawn();
    long address = tiny.mmap(asking, 8 * PAGE, RW, ANON, -1);
    tiny.write(asking, address, filled(8 * PAGE, 1));
    for (int pid : pids) {
      boolean killed =
          tiny.laboratory()
              .ask(kernel ->
                  Objects.requireNonNull(kernel.processes().find(pid)).condition().wasKilled());
      assertThat(killed).isEqualTo(pid == pids[2]);
    }
  }

  @Test
  void callThatNeedsTooMuch_endsItsOwnProcessAndLosesNothing() {
    int bystander = lab.spawn();
    long kept = fill(bystander, 2);
    int free = lab.freeFrames();
    int pid = lab.spawn();
    Outcome outcome = lab.tryMmap(pid, 0, 200 * PAGE, RW, ANON | MapFlag.POPULATE.bit(), -1, 0);
    assertThat(isKill(outcome)).as(outcome.story()).isTrue();
    assertThat(wasKilled(pid)).isTrue();
    assertThat(lab.read(bystander, kept, 2 * PAGE)).isEqualTo(pattern(2 * PAGE));
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.state().rows(Table.SWAP_SLOT).size()).isZero();
  }

  @Test
  void lockedMemoryThatFillsAll_endsItsOwner() {
    int pid = lab.spawn();
    long address = lab.mmap(pid, 100 * PAGE, RW, ANON, -1);
    assertThat(isKill(lab.run(new Command.Mlock(pid, address, 100 * PAGE)))).isTrue();
    assertThat(lab.count(Table.FRAME, Table.Frame.KIND, "anon")).isZero();
  }

  @Test
  void mremapToAFixedPlaceWithoutFrames_hasNotUnmappedWhatWasThere() {
    TestLab tight = TestLab.withSwap(24, 0, ReclaimPolicy.LRU);
    int pid = tight.spawn();
    long source = 0x10_0000_0000L;
    long target = 0x20_0000_0000L;
    tight.mmap(pid, source, PAGE, RW, ANON | TestLab.FIXED, -1, 0);
    tight.mmap(pid, target, 8 * PAGE, RW, ANON | TestLab.FIXED, -1, 0);
    tight.write(pid, source, pattern(PAGE));
    int other = tight.spawn();
    long address = tight.mmap(other, 40 * PAGE, RW, ANON, -1);
    for (int page = 0; tight.freeFrames() > 0; page++) {
      tight.write(other, address + page * (long) PAGE, new byte[] {1});
    }
    String maps = tight.maps(pid);
    Outcome moved = tight.run(new Command.Mremap(pid, source, PAGE, PAGE, 1 | 2, target));
    assertThat(moved.result()).as("the other process was ended for its tables").isNotNull();
    assertThat(tight.maps(pid)).isNotEqualTo(maps);
    assertThat(tight.read(pid, target, PAGE)).isEqualTo(pattern(PAGE));
  }

  @Test
  void populateOfAHugeRange_endsAtItsLimit() {
    TestLab large = TestLab.lazy();
    int pid = large.spawn();
    long length = 1L << 36;
    long address = large.mmap(pid, length, R, ANON, -1);
    Outcome populate =
        large.run(new Command.Madvise(pid, address, length, Advice.POPULATE_READ.number()));
    assertErrno(populate, Errno.EAGAIN);
    assertThat(populate.why()).contains("at most 65536 pages");
    var unlimited = new Rlimits.Pair(Rlimit.INFINITY, Rlimit.INFINITY);
    large.run(new Command.Prlimit(pid, Rlimit.MEMLOCK, unlimited));
    assertErrno(large.run(new Command.Mlock(pid, address, length)), Errno.EAGAIN);
    Outcome mapped = large.tryMmap(pid, 0, length, R, ANON | MapFlag.POPULATE.bit(), -1, 0);
    assertThat(mapped.result()).isNotNull();
  }

  @Test
  void mremapOfSeveralVmasWithoutFrames_losesNothing() {
    TestLab tight = TestLab.withSwap(40, 0, ReclaimPolicy.LRU);
    int bystander = tight.spawn();
    long kept = tight.mmap(bystander, 2 * PAGE, RW, ANON, -1);
    tight.write(bystander, kept, pattern(2 * PAGE));
    int free = tight.freeFrames();
    int pid = tight.spawn();
    long source = 0x10_0000_0000L;
    int vma = 16 * PAGE;
    for (int i = 0; i < 3; i++) {
      tight.mmap(pid, source + 2L * i * vma, vma, RW, ANON | TestLab.FIXED, -1, 0);
    }
    for (int page = 0; tight.freeFrames() > 2; page++) {
      tight.write(pid, source + page % 3 * 2L * vma + page / 3 * (long) PAGE, filled(1, page));
    }
    // The first of them lies under one table there, the others under the next.
    long target = 0x20_0000_0000L + TestLab.SUPERPAGE - vma;
    long length = 5L * vma;
    Outcome moved = tight.run(new Command.Mremap(pid, source, length, length, 1 | 2, target));
    assertThat(tight.steps(moved)).as("one was moved").contains(StepKind.MOVED);
    assertThat(isKill(moved)).as("the table for the second is missing: " + moved.story()).isTrue();
    assertThat(tight.freeFrames()).isEqualTo(free);
    assertThat(tight.read(bystander, kept, 2 * PAGE)).isEqualTo(pattern(2 * PAGE));
  }

  @Test
  void instructionThatNeedsMoreThanMemoryHolds_endsItsProcess() {
    TestLab tight = TestLab.withSwap(32, 16, ReclaimPolicy.LRU);
    int pid = tight.spawn();
    long code = 0x1_0000;
    long data = 0x2_0000;
    int locked = ANON | TestLab.FIXED | MapFlag.LOCKED.bit();
    tight.mmap(pid, code, PAGE, RW | Prot.EXEC, locked, -1, 0);
    tight.mmap(pid, data, 2 * PAGE, RW, ANON | TestLab.FIXED, -1, 0);
    tight.write(pid, data, pattern(PAGE));
    // lui a2, 0x21; sd a0, -4(a2): the doubleword lies in both pages.
    byte[] program = {0x37, 0x16, 0x02, 0x00, 0x23, 0x3e, (byte) 0xa6, (byte) 0xfe};
    tight.write(pid, code, program);
    for (long at = 0x4_0000; tight.freeFrames() > 0; at += PAGE) {
      tight.mmap(pid, at, PAGE, RW, locked, -1, 0);
    }
    Outcome outcome = tight.run(new Command.Step(pid, 2, code));
    assertThat(tight.steps(outcome)).contains(StepKind.THRASHES);
    assertThat(
            tight
                .laboratory()
                .<Boolean>ask(kernel ->
                    Objects.requireNonNull(kernel.processes().find(pid)).condition().wasKilled()))
        .isTrue();
  }
}
