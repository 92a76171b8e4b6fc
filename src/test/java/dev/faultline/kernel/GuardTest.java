package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pages;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.mm.Mremap;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.machine.mmu.Entry;
import org.junit.jupiter.api.Test;

/** Guard pages, as the kernel of Linux 6.18 has them; every answer here was seen there. */
class GuardTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private final int pid = lab.spawn();

  private Outcome advise(long address, long pages, Advice advice) {
    return lab.run(new Command.Madvise(pid, address, pages * PAGE, advice.number()));
  }

  private void advised(long address, long pages, Advice advice) {
    Outcome outcome = advise(address, pages, advice);
    assertThat(outcome.errno()).as(outcome.story()).isNull();
  }

  /** Sixteen pages, the second and the third of them guards. */
  private long guarded() {
    long address = lab.mmap(pid, 16 * PAGE, RW, ANON, -1);
    lab.write(pid, address, pattern(4 * PAGE));
    advised(address + PAGE, 2, Advice.GUARD_INSTALL);
    return address;
  }

  private void assertGuard(int process, long address) {
    assertSignal(lab.tryRead(process, address, 1), "SIGSEGV SEGV_MAPERR", address);
  }

  @Test
  void guard_isSegvMaperrForEveryTouchAndItsPageIsGone() {
    int free = lab.freeFrames();
    long address = guarded();
    assertThat(free - lab.freeFrames()).as("two pages and two tables").isEqualTo(4);
    assertGuard(pid, address + PAGE);
    assertSignal(
        lab.tryWrite(pid, address + 2 * PAGE, filled(1, 1)),
        "SIGSEGV SEGV_MAPERR",
        address + 2 * PAGE);
    assertThat(lab.read(pid, address, PAGE)).isEqualTo(pattern(PAGE));
    assertThat(lab.maps(pid).lines().filter(line -> line.contains("rw-p")).count()).isEqualTo(1);
  }

  @Test
  void guard_isSeenWhereLinuxShowsIt() {
    long address = guarded();
    assertThat(lab.entry(pid, address + PAGE)).isEqualTo(Entry.GUARD);
    assertThat(lab.pagemap(pid)).contains("%08x 440000000000009f guard".formatted(address + PAGE));
    assertThat(lab.smaps(pid)).contains("VmFlags: rd wr mr mw me gu ac ");
    assertThat(pages(lab.run(new Command.Mincore(pid, address, 4 * PAGE))))
        .containsExactly(1, 0, 0, 1);
  }

  @Test
  void systemCalls_meetAGuardAsEfaultAndMlockAsEnomem() {
    long address = guarded();
    assertThat(lab.ecall(pid, 232, address, PAGE, address + PAGE))
        .isEqualTo(-Errno.EFAULT.number());
    assertErrno(advise(address, 4, Advice.POPULATE_READ), Errno.EFAULT);
    assertErrno(advise(address, 4, Advice.POPULATE_WRITE), Errno.EFAULT);
    assertErrno(lab.run(new Command.Mlock(pid, address, 4 * PAGE)), Errno.ENOMEM);
  }

  @Test
  void guard_outlivesAdviceAndProtection() {
    long address = guarded();
    for (Advice advice : new Advice[] {Advice.DONTNEED, Advice.FREE, Advice.COLD, Advice.PAGEOUT}) {
      advised(address, 16, advice);
      assertGuard(pid, address + PAGE);
    }
    lab.run(new Command.Mprotect(pid, address, 16 * PAGE, 0));
    lab.run(new Command.Mprotect(pid, address, 16 * PAGE, RW));
    assertGuard(pid, address + PAGE);
  }

  @Test
  void guard_movesWithItsMappingAndGoesWithIt() {
    long address = guarded();
    long to = lab.mmap(pid, 32 * PAGE, R, ANON, -1);
    int flags = Mremap.MAYMOVE | Mremap.FIXED;
    lab.run(new Command.Mremap(pid, address, 16 * PAGE, 16 * PAGE, flags, to));
    assertGuard(pid, to + PAGE);
    lab.munmap(pid, to, 16 * PAGE);
    lab.mmap(pid, to, 16 * PAGE, RW, ANON | TestLab.FIXED, -1, 0);
    assertThat(lab.read(pid, to + PAGE, 1)).containsExactly(0);
  }

  @Test
  void childOfFork_hasTheGuardsUnlessItsAreaIsWiped() {
    long address = guarded();
    int child = lab.fork(pid);
    assertGuard(child, address + PAGE);
    advised(address, 16, Advice.WIPEONFORK);
    assertThat(lab.read(lab.fork(pid), address + PAGE, 1)).containsExactly(0);
    long shared = lab.mmap(pid, 2 * PAGE, RW, SHARED | ANONYMOUS, -1);
    advised(shared, 1, Advice.GUARD_INSTALL);
    assertGuard(lab.fork(pid), shared);
  }

  @Test
  void removal_givesBackEmptyPrivatePagesAndThoseOfTheFile() {
    long address = guarded();
    advised(address, 16, Advice.GUARD_REMOVE);
    assertThat(lab.read(pid, address + PAGE, PAGE)).isEqualTo(new byte[PAGE]);
    long shared = lab.mmap(pid, PAGE, RW, SHARED | ANONYMOUS, -1);
    lab.write(pid, shared, filled(1, 9));
    advised(shared, 1, Advice.GUARD_INSTALL);
    assertGuard(pid, shared);
    assertThat(pages(lab.run(new Command.Mincore(pid, shared, PAGE)))).containsExactly(1);
    advised(shared, 1, Advice.GUARD_REMOVE);
    assertThat(lab.read(pid, shared, 1)).containsExactly(9);
  }

  @Test
  void guardOfAFile_isNoSigbusWhenTheFileIsCut() {
    lab.put("/f", pattern(3 * PAGE));
    int fd = lab.open(pid, "/f", RDWR);
    long address = lab.mmap(pid, 3 * PAGE, RW, PRIVATE, fd);
    advised(address, 3, Advice.GUARD_INSTALL);
    lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(fd), 0));
    assertGuard(pid, address);
    lab.run(new Command.Ftruncate(pid, new Command.ByDescriptor(fd), 3 * PAGE));
    assertGuard(pid, address);
    advised(address, 3, Advice.GUARD_REMOVE);
    assertThat(lab.read(pid, address, 1)).containsExactly(0);
  }

  @Test
  void lockedMemory_takesNoGuardsAndHolesAreRefusedLast() {
    long address = lab.mmap(pid, 16 * PAGE, RW, ANON, -1);
    lab.run(new Command.Mlock(pid, address + 8 * PAGE, PAGE));
    assertErrno(advise(address + 7 * PAGE, 4, Advice.GUARD_INSTALL), Errno.EINVAL);
    assertGuard(pid, address + 7 * PAGE);
    assertThat(lab.read(pid, address + 9 * PAGE, 1)).as("after the refusal").containsExactly(0);
    advised(address + 8 * PAGE, 1, Advice.GUARD_REMOVE);
    lab.munmap(pid, address + 12 * PAGE, PAGE);
    assertErrno(advise(address + 11 * PAGE, 4, Advice.GUARD_INSTALL), Errno.ENOMEM);
    assertGuard(pid, address + 11 * PAGE);
    assertGuard(pid, address + 13 * PAGE);
  }

  @Test
  void neighbours_mergeWhetherTheyHaveGuardsOrNot() {
    long address = guarded();
    lab.run(new Command.Mprotect(pid, address + 8 * PAGE, 8 * PAGE, R));
    lab.run(new Command.Mprotect(pid, address, 8 * PAGE, R));
    assertThat(lab.smaps(pid).lines().filter(line -> line.startsWith("VmFlags"))).hasSize(1);
    assertThat(lab.smaps(pid)).contains(" gu ");
  }

  @Test
  void guardInASuperpage_splitsNothingButItsOwnArea() {
    long address = lab.mmap(pid, 4L * TestLab.SUPERPAGE, RW, ANON, -1);
    long start = address + TestLab.SUPERPAGE - 1 & -TestLab.SUPERPAGE;
    advised(start, 1024, Advice.HUGEPAGE);
    lab.write(pid, start, filled(1, 1));
    lab.write(pid, start + TestLab.SUPERPAGE, filled(1, 2));
    advised(start + PAGE, 1, Advice.GUARD_INSTALL);
    assertThat(lab.superpage(pid, start)).isZero();
    assertThat(lab.superpage(pid, start + TestLab.SUPERPAGE)).isNotZero();
    assertGuard(pid, start + PAGE);
    advised(start + TestLab.SUPERPAGE, 512, Advice.GUARD_INSTALL);
    assertGuard(pid, start + TestLab.SUPERPAGE);
  }
}
