package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Mlock;
import dev.faultline.kernel.mm.Mmap;
import dev.faultline.kernel.mm.Overcommit;
import dev.faultline.kernel.mm.Prefetch;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.kernel.mm.VmLimits;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a process may map, lock and be promised. */
@Execution(ExecutionMode.CONCURRENT)
class MemoryLimitsTest {
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final long BASE = 0x10_0000;
  private static final int FRAMES = 1024;

  private final TestLab lab = lab(Overcommit.GUESS);
  private final int pid = lab.spawn();

  private static TestLab lab(Overcommit overcommit) {
    var machine = new MachineConfiguration(FRAMES, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    var kernel =
        new KernelConfiguration(
            machine, PrivateFileStrategy.LAZY, Prefetch.NONE, 0, ReclaimPolicy.LRU, overcommit);
    return TestLab.open(new Settings("limits", 0, kernel));
  }

  private Outcome limit(Rlimit resource, long soft) {
    return lab.run(new Command.Prlimit(pid, resource, new Rlimits.Pair(soft, Rlimit.INFINITY)));
  }

  private VmLimits counts() {
    return lab.laboratory().ask(pid, (kernel, process) -> process.space().limits());
  }

  private Outcome map(long address, long pages, int prot, int flags) {
    return lab.tryMmap(pid, address, pages * PAGE, prot, flags | FIXED, -1, 0);
  }

  @Test
  void counts_followEveryChangeOfAVma() {
    map(BASE, 8, RW, ANON);
    assertThat(counts().total()).isEqualTo(8);
    assertThat(counts().data()).isEqualTo(8);
    lab.run(new Command.Mprotect(pid, BASE, 2 * PAGE, R));
    assertThat(counts().data()).isEqualTo(6);
    lab.run(new Command.Mlock(pid, BASE + PAGE, 3 * PAGE));
    assertThat(counts().locked()).isEqualTo(3);
    lab.munmap(pid, BASE + 3 * PAGE, PAGE);
    assertThat(counts().locked()).isEqualTo(2);
    assertThat(counts().total()).isEqualTo(7);
    lab.run(new Command.Mremap(pid, BASE + 4 * PAGE, 4 * PAGE, 6 * PAGE, 0, 0));
    assertThat(counts().total()).isEqualTo(9);
  }

  @Test
  void addressSpaceLimit_bindsMmapBrkAndMremap() {
    limit(Rlimit.AS, 4 * PAGE);
    map(BASE, 4, R, ANON);
    assertErrno(map(BASE + 8 * PAGE, 1, R, ANON), Errno.ENOMEM);
    assertThat(map(BASE + PAGE, 3, RW, ANON).errno()).as("what it replaces goes first").isNull();
    assertErrno(
        lab.run(new Command.Mremap(pid, BASE + PAGE, 3 * PAGE, 4 * PAGE, 0, 0)), Errno.ENOMEM);
    long heap = 0x2a_aaaa_d000L;
    assertThat(lab.ecall(pid, 214, heap + PAGE)).isEqualTo(heap);
  }

  @Test
  void dataLimit_bindsWhatBecomesWritable() {
    limit(Rlimit.DATA, 2 * PAGE);
    map(BASE, 2, RW, ANON);
    map(BASE + 2 * PAGE, 2, R, ANON);
    map(BASE + 4 * PAGE, 2, RW, SHARED | ANONYMOUS);
    assertErrno(map(BASE + 8 * PAGE, 1, RW, ANON), Errno.ENOMEM);
    assertErrno(lab.run(new Command.Mprotect(pid, BASE + 2 * PAGE, PAGE, RW)), Errno.ENOMEM);
    long heap = 0x2a_aaaa_d000L;
    assertThat(lab.ecall(pid, 214, heap + PAGE)).isEqualTo(heap);
  }

  @Test
  void lockLimit_bindsMlockMmapAndGrowth() {
    limit(Rlimit.MEMLOCK, 2 * PAGE);
    map(BASE, 4, RW, ANON);
    lab.run(new Command.Mlock(pid, BASE, 2 * PAGE));
    assertErrno(lab.run(new Command.Mlock(pid, BASE + 2 * PAGE, 1)), Errno.ENOMEM);
    assertThat(lab.run(new Command.Mlock(pid, BASE + PAGE, PAGE)).errno()).isNull();
    assertErrno(map(BASE + 8 * PAGE, 1, RW, ANON | MapFlag.LOCKED.bit()), Errno.EAGAIN);
    assertErrno(lab.run(new Command.Mremap(pid, BASE, 2 * PAGE, 3 * PAGE, 1, 0)), Errno.EAGAIN);
    limit(Rlimit.MEMLOCK, 0);
    assertErrno(lab.run(new Command.Mlock(pid, BASE, 1)), Errno.EPERM);
    assertErrno(map(BASE + 8 * PAGE, 1, RW, ANON | MapFlag.LOCKED.bit()), Errno.EPERM);
    assertErrno(lab.run(new Command.Mlockall(pid, Mlock.ALL_FUTURE)), Errno.EPERM);
  }

  @Test
  void mlock2OnFault_bringsNothingIn() {
    map(BASE, 4, RW, ANON);
    int free = lab.freeFrames();
    lab.run(new Command.Mlock2(pid, BASE, 4 * PAGE, Mlock.ONFAULT));
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.smaps(pid)).contains(" lo lf ");
    lab.run(new Command.Munlock(pid, BASE, 4 * PAGE));
    assertThat(lab.smaps(pid)).doesNotContain(" lo ").doesNotContain(" lf ");
    assertErrno(lab.run(new Command.Mlock2(pid, BASE, PAGE, 2)), Errno.EINVAL);
  }

  @Test
  void mlockallFuture_locksWhatComes() {
    map(BASE, 1, RW, ANON);
    lab.run(new Command.Mlockall(pid, Mlock.ALL_FUTURE));
    assertThat(counts().locked()).isZero();
    int free = lab.freeFrames();
    map(BASE + 8 * PAGE, 2, RW, ANON);
    assertThat(counts().locked()).isEqualTo(2);
    assertThat(lab.freeFrames()).isLessThanOrEqualTo(free - 2);
    int child = lab.fork(pid);
    assertThat(lab.smaps(child)).doesNotContain(" lo ");
    lab.run(new Command.Munlockall(pid));
    assertThat(counts().locked()).isZero();
    map(BASE + 16 * PAGE, 2, RW, ANON);
    assertThat(counts().locked()).isZero();
  }

  @Test
  void mlockall_takesItsFlagsAsLinuxDoes() {
    map(BASE, 3, RW, ANON);
    for (int flags : new int[] {0, Mlock.ALL_ONFAULT, 8}) {
      assertErrno(lab.run(new Command.Mlockall(pid, flags)), Errno.EINVAL);
    }
    lab.run(new Command.Mlockall(pid, Mlock.ALL_CURRENT | Mlock.ALL_ONFAULT));
    assertThat(lab.smaps(pid)).contains(" lo lf ").contains("Rss:                   0 kB");
    lab.run(new Command.Mlockall(pid, Mlock.ALL_CURRENT));
    assertThat(lab.smaps(pid)).contains(" lo ").contains("Locked:               12 kB");
    limit(Rlimit.MEMLOCK, 2 * PAGE);
    lab.run(new Command.Munlockall(pid));
    assertErrno(lab.run(new Command.Mlockall(pid, Mlock.ALL_CURRENT)), Errno.ENOMEM);
  }

  @Test
  void guess_refusesOnlyWhatNoMachineCouldHold() {
    assertErrno(map(BASE, FRAMES + 1, RW, ANON), Errno.ENOMEM);
    assertThat(map(BASE, FRAMES, RW, ANON).errno()).isNull();
    assertThat(map(0x1000_0000, FRAMES, RW, ANON).errno()).isNull();
    int noReserve = ANON | MapFlag.NORESERVE.bit();
    assertThat(map(0x2000_0000, 2 * FRAMES, RW, noReserve).errno()).isNull();
    assertThat(map(0x3000_0000, 2 * FRAMES, R, ANON).errno()).isNull();
    assertErrno(
        lab.run(new Command.Mprotect(pid, 0x3000_0000, 2L * FRAMES * PAGE, RW)), Errno.ENOMEM);
  }

  @Test
  void never_addsUpWhatAllWerePromised() {
    TestLab strict = lab(Overcommit.NEVER);
    int first = strict.spawn();
    int noReserve = ANON | MapFlag.NORESERVE.bit() | FIXED;
    strict.mmap(first, BASE, 300 * PAGE, RW, noReserve, -1, 0);
    assertErrno(strict.run(new Command.Fork(first)), Errno.ENOMEM);
    int second = strict.spawn();
    Outcome refused = strict.tryMmap(second, BASE, 250 * PAGE, RW, noReserve, -1, 0);
    assertErrno(refused, Errno.ENOMEM);
    assertThat(refused.why()).contains("300 are promised already");
    strict.munmap(first, BASE, 200 * PAGE);
    strict.mmap(second, BASE, 250 * PAGE, RW, noReserve, -1, 0);
  }

  @Test
  void always_refusesNothing() {
    TestLab free = lab(Overcommit.ALWAYS);
    int process = free.spawn();
    free.mmap(process, BASE, 100L * FRAMES * PAGE, RW, ANON | FIXED, -1, 0);
  }

  @Test
  void prlimit_checksAndGivesWhatWas() {
    assertThat(limit(Rlimit.AS, 5).result())
        .isEqualTo(new Result.Limits(new Rlimits.Pair(Rlimit.INFINITY, Rlimit.INFINITY)));
    assertThat(lab.run(new Command.Prlimit(pid, Rlimit.AS, null)).result())
        .isEqualTo(new Result.Limits(new Rlimits.Pair(5, Rlimit.INFINITY)));
    assertErrno(lab.run(new Command.Prlimit(pid, Rlimit.AS, new Rlimits.Pair(6, 5))), Errno.EINVAL);
    int child = lab.fork(pid);
    assertThat(lab.run(new Command.Prlimit(child, Rlimit.AS, null)).result())
        .isEqualTo(new Result.Limits(new Rlimits.Pair(5, Rlimit.INFINITY)));
  }

  @Test
  void prlimitByNumber_readsAndWritesUserMemory() {
    map(BASE, 1, RW, ANON);
    assertThat(lab.ecall(pid, 261, 0, Rlimit.STACK.ordinal(), 0, BASE)).isZero();
    assertThat(lab.read(pid, BASE, 16)).startsWith(0, 0, 0x80, 0).endsWith(-1, -1);
    lab.write(pid, BASE, filled(8, 0));
    assertThat(lab.ecall(pid, 261, 0, Rlimit.STACK.ordinal(), BASE, 0)).isZero();
    assertThat(lab.ecall(pid, 261, 0, 16, 0, BASE)).isEqualTo(-22);
    assertThat(lab.ecall(pid, 261, 99, 3, 0, BASE)).isEqualTo(-3);
    assertThat(lab.ecall(pid, 261, 0, 3, 0x1000, 0)).isEqualTo(-14);
  }

  @Test
  void mapCount_isCheckedWhereLinuxChecksIt() {
    // One page in two, so that none merges; without the proof after each, which would take hours.
    for (int i = 0; i < Mmap.MAX_MAP_COUNT; i++) {
      lab.laboratory()
          .execute(new Command.Mmap(pid, BASE + i * 2L * PAGE, PAGE, R, ANON | FIXED, -1, 0));
    }
    long end = BASE + 2L * Mmap.MAX_MAP_COUNT * PAGE;
    assertThat(map(end, 3, R, ANON).errno()).as("mmap may go one beyond").isNull();
    assertErrno(map(end + 8 * PAGE, 1, R, ANON), Errno.ENOMEM);
    assertErrno(lab.munmap(pid, end + PAGE, PAGE), Errno.ENOMEM);
    assertErrno(lab.run(new Command.Mprotect(pid, end, PAGE, RW)), Errno.ENOMEM);
    assertThat(lab.munmap(pid, end, PAGE).errno()).as("the edge needs no other VMA").isNull();
  }
}
