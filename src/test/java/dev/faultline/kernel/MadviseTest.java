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
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Format;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Advice, locks, residency and the heap. */
class MadviseTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private int pid;
  private int fd;

  @BeforeEach
  void open() {
    lab.put("/f", filled(2 * PAGE, 'A'));
    pid = lab.spawn();
    fd = lab.open(pid, "/f", RDWR);
  }

  private Outcome advise(long address, long length, Advice advice) {
    return lab.run(new Command.Madvise(pid, address, length, advice.number()));
  }

  private byte[] residency(long address, long length) {
    Outcome outcome = lab.run(new Command.Mincore(pid, address, length));
    return outcome.result() instanceof Result.Pages(byte[] pages) ? pages : new byte[0];
  }

  private long anonymousFrames() {
    return lab.count(Table.FRAME, Frame.KIND, "anon");
  }

  @Test
  void story_namesTheAdvice() {
    for (Advice advice : Advice.values()) {
      assertThat(Format.ADVICE.symbols().get(advice.number())).isEqualTo("MADV_" + advice.name());
    }
  }

  @Test
  void dontNeed_zeroesAnonymousMemoryAndDropsPrivateCopies() {
    long anonymous = lab.mmap(pid, PAGE, RW, ANON, -1);
    long copied = lab.mmap(pid, PAGE, RW, PRIVATE, fd);
    lab.write(pid, anonymous, filled(1, 1));
    lab.write(pid, copied, filled(1, 'P'));
    assertThat(anonymousFrames()).isEqualTo(2);
    advise(anonymous, PAGE, Advice.DONTNEED);
    advise(copied, PAGE, Advice.DONTNEED);
    assertThat(anonymousFrames()).isZero();
    assertThat(lab.read(pid, anonymous, 1)).containsExactly(0);
    assertThat(lab.read(pid, copied, 1)).containsExactly('A');
  }

  @Test
  void dontNeedLocked_takesLockedPagesAway() {
    long locked = lab.mmap(pid, PAGE, RW, PRIVATE | ANONYMOUS, -1);
    lab.run(new Command.Mlock(pid, locked, PAGE));
    lab.write(pid, locked, filled(1, 7));
    assertErrno(advise(locked, PAGE, Advice.DONTNEED), Errno.EINVAL);
    assertThat(advise(locked, PAGE, Advice.DONTNEED_LOCKED).errno()).isNull();
    assertThat(lab.entry(pid, locked)).isZero();
    assertThat(lab.read(pid, locked, 1)).containsOnly(0);
  }

  @Test
  void wrongArguments_areRefusedAsLinuxDoes() {
    long address = lab.mmap(pid, PAGE, R, SHARED, fd);
    assertErrno(lab.run(new Command.Madvise(pid, address, PAGE, 99)), Errno.EINVAL);
    assertErrno(advise(address + 1, PAGE, Advice.NORMAL), Errno.EINVAL);
    assertErrno(advise(address, -1, Advice.NORMAL), Errno.EINVAL);
    assertErrno(advise(address, PAGE, Advice.FREE), Errno.EINVAL);
    assertErrno(advise(address, PAGE, Advice.WIPEONFORK), Errno.EINVAL);
    assertErrno(advise(address, PAGE, Advice.POPULATE_WRITE), Errno.EINVAL);
    assertErrno(advise(address - PAGE, 2 * PAGE, Advice.DONTNEED), Errno.ENOMEM);
    lab.run(new Command.Mlock(pid, address, PAGE));
    assertErrno(advise(address, PAGE, Advice.DONTNEED), Errno.EINVAL);
  }

  @Test
  void populate_stopsAtTheEndOfTheFile() {
    long address = lab.mmap(pid, 3 * PAGE, RW, PRIVATE, fd);
    assertErrno(advise(address, 3 * PAGE, Advice.POPULATE_WRITE), Errno.EFAULT);
    assertThat(anonymousFrames()).isEqualTo(2);
  }

  @Test
  void childOfFork_hasNoDontForkAreaAndAnEmptyWipeOnForkArea() {
    long gone = lab.mmap(pid, PAGE, RW, ANON, -1);
    long wiped = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, gone, filled(1, 1));
    lab.write(pid, wiped, filled(1, 2));
    advise(gone, PAGE, Advice.DONTFORK);
    advise(wiped, PAGE, Advice.WIPEONFORK);
    int child = lab.fork(pid);
    assertSignal(lab.tryRead(child, gone, 1), "SIGSEGV SEGV_MAPERR", gone);
    assertThat(lab.read(child, wiped, 1)).containsExactly(0);
    assertThat(lab.read(pid, wiped, 1)).containsExactly(2);
  }

  @Test
  void residency_isTheEntryOrThePageCache() {
    long address = lab.mmap(pid, 3 * PAGE, R, SHARED, fd);
    assertThat(residency(address, 3 * PAGE)).containsExactly(0, 0, 0);
    lab.read(pid, address, 1);
    assertThat(residency(address, 3 * PAGE)).containsExactly(1, 0, 0);
    advise(address, 3 * PAGE, Advice.WILLNEED);
    assertThat(residency(address, 3 * PAGE)).containsExactly(1, 1, 0);
    assertErrno(lab.run(new Command.Mincore(pid, address - PAGE, PAGE)), Errno.ENOMEM);
    assertErrno(lab.run(new Command.Mincore(pid, address + 1, PAGE)), Errno.EINVAL);
  }

  @Test
  void lockAndPopulate_bringPagesIn() {
    int flags = ANON | MapFlag.POPULATE.bit();
    lab.mmap(pid, 3 * PAGE, RW, flags, -1);
    assertThat(anonymousFrames()).isEqualTo(3);
    long address = lab.mmap(pid, 3 * PAGE, RW, ANON | MapFlag.NORESERVE.bit(), -1);
    assertThat(lab.run(new Command.Mlock(pid, address, PAGE)).errno()).isNull();
    assertThat(anonymousFrames()).isEqualTo(4);
    assertErrno(lab.run(new Command.Mlock(pid, 0x10000, PAGE)), Errno.ENOMEM);
  }

  @Test
  void heap_growsShrinksAndIsNamed() {
    assertThat(brk(0)).isEqualTo(0x2a_aaaa_d000L);
    assertThat(brk(0x2a_aaaa_f123L)).isEqualTo(0x2a_aaaa_f123L);
    assertThat(lab.maps(pid)).contains("2aaaaad000-2aaaab0000 rw-p").contains("[heap]");
    lab.write(pid, 0x2a_aaaa_f000L, filled(1, 1));
    assertThat(brk(0x2a_aaaa_e000L)).isEqualTo(0x2a_aaaa_e000L);
    assertThat(anonymousFrames()).isZero();
    assertThat(brk(0x1000)).isEqualTo(0x2a_aaaa_e000L);
    lab.mmap(pid, 0x2a_aaab_0000L, PAGE, RW, ANON | TestLab.FIXED, -1, 0);
    assertThat(brk(0x2a_aaab_0000L)).as("a page must stay free").isEqualTo(0x2a_aaaa_e000L);
  }

  private long brk(long address) {
    Outcome outcome = lab.run(new Command.Brk(pid, address));
    return outcome.result() instanceof Result.Address(long end) ? end : -1;
  }
}
