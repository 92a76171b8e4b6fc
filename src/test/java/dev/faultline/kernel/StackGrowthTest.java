package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
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

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.lab.Command;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory that grows downwards. What is expected here was seen on Linux 6.18. */
class StackGrowthTest {
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final int STACK = ANON | MapFlag.GROWSDOWN.bit() | FIXED;
  private static final long TOP = 0x8080_2000L;
  private static final long START = TOP - 2 * PAGE;
  private static final long GAP = 256L * PAGE;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void map() {
    pid = lab.spawn();
    lab.mmap(pid, START, 2 * PAGE, RW, STACK, -1, 0);
  }

  private void map(long address, int prot) {
    lab.mmap(pid, address, PAGE, prot, ANON | FIXED, -1, 0);
  }

  @Test
  void touchBelow_growsTheAreaToThatPage() {
    var outcome = lab.write(pid, START - 3 * PAGE, filled(1, 1));
    assertThat(lab.steps(outcome)).contains(StepKind.GROWS_STACK);
    assertThat(lab.maps(pid)).startsWith("807fd000-80802000 rw-p 00000000 00:00 0");
    assertThat(lab.smaps(pid)).contains("Rss:                   4 kB").contains(" gd ac");
    lab.read(pid, START - 9 * PAGE, 1);
    assertThat(lab.maps(pid)).startsWith("807f7000-80802000");
  }

  @Test
  void growth_keepsAGapToAccessibleMemory() {
    map(START - GAP - PAGE, RW);
    assertSignal(lab.tryWrite(pid, START - 1, filled(1, 1)), "SIGSEGV SEGV_MAPERR", START - 1);
    lab.run(new Command.Mprotect(pid, START - GAP - PAGE, PAGE, Prot.NONE));
    lab.write(pid, START - GAP, filled(1, 1));
    assertThat(lab.maps(pid).lines()).hasSize(2);
  }

  @Test
  void growth_reachesAnotherStack() {
    lab.mmap(pid, START - 3 * PAGE, 2 * PAGE, RW, STACK, -1, 0);
    lab.write(pid, START - 1, filled(1, 1));
    assertThat(lab.maps(pid)).contains("80800000-80802000".replace("80800000", "807ff000"));
  }

  @Test
  void growthPastTheLimit_isRefused() {
    lab.run(new Command.Prlimit(pid, Rlimit.STACK, new Rlimits.Pair(4 * PAGE, Rlimit.INFINITY)));
    lab.write(pid, START - 2 * PAGE, filled(1, 1));
    long below = START - 3 * PAGE;
    assertSignal(lab.tryWrite(pid, below, filled(1, 1)), "SIGSEGV SEGV_MAPERR", below);
  }

  @Test
  void areaThatForbidsAll_growsBeforeTheAccessIsRefused() {
    lab.run(new Command.Mprotect(pid, START, 2 * PAGE, Prot.NONE));
    assertSignal(lab.tryRead(pid, START - PAGE, 1), "SIGSEGV SEGV_ACCERR", START - PAGE);
    assertThat(lab.maps(pid)).startsWith("807ff000-80802000 ---p");
  }

  @Test
  void systemCall_growsTheStackToo() {
    lab.put("/f", filled(8, 'f'));
    int fd = lab.open(pid, "/f", RDWR);
    assertThat(lab.ecall(pid, 67, fd, START - 8, 8, 0)).isEqualTo(8);
    assertThat(lab.maps(pid)).startsWith("807ff000-80802000 rw-p");
  }

  @Test
  void hintInTheGap_isNotTaken() {
    assertThat(lab.mmap(pid, START - PAGE, PAGE, RW, ANON, -1, 0)).isNotEqualTo(START - PAGE);
    long before = START - GAP - PAGE;
    assertThat(lab.mmap(pid, before, PAGE, RW, ANON, -1, 0)).isEqualTo(before);
    int noReplace = ANON | MapFlag.FIXED_NOREPLACE.bit();
    assertThat(lab.mmap(pid, START - PAGE, PAGE, RW, noReplace, -1, 0)).isEqualTo(START - PAGE);
  }

  @Test
  void highestGap_endsBelowTheGapOfAStack() {
    long base = 0x3ff8000000L;
    lab.mmap(pid, base - PAGE, PAGE, RW, STACK, -1, 0);
    assertThat(lab.mmap(pid, PAGE, RW, ANON, -1)).isEqualTo(base - PAGE - GAP - PAGE);
  }

  /** Seen on Linux 6.18: the gap of a stack counts for the room right below it alone. */
  @Test
  void gapBelowAnotherArea_isTakenThoughAStackIsNear() {
    long base = 0x3f_f800_0000L;
    lab.mmap(pid, base - 4 * PAGE, 2 * PAGE, RW, STACK, -1, 0);
    map(base - 8 * PAGE, RW);
    long found = lab.mmap(pid, 4 * PAGE, RW, ANON, -1);
    assertThat(found).isEqualTo(base - 12 * PAGE);
  }

  @Test
  void mprotectGrowsdown_beginsWhereTheAreaDoes() {
    int down = Prot.READ | Prot.GROWSDOWN;
    lab.read(pid, START - 9 * PAGE, 1);
    lab.run(new Command.Mprotect(pid, START - 4 * PAGE, PAGE, down));
    assertThat(lab.maps(pid).lines().map(line -> line.substring(0, 22)))
        .containsExactly("807f7000-807fd000 r--p", "807fd000-80802000 rw-p");
    long hole = START - 40 * PAGE;
    assertErrno(lab.run(new Command.Mprotect(pid, hole, PAGE, down)), Errno.ENOMEM);
    map(hole, RW);
    assertErrno(lab.run(new Command.Mprotect(pid, hole, PAGE, down)), Errno.EINVAL);
    int up = Prot.READ | Prot.GROWSUP;
    assertErrno(lab.run(new Command.Mprotect(pid, START, PAGE, up)), Errno.EINVAL);
    assertErrno(lab.run(new Command.Mprotect(pid, START, PAGE, up | down)), Errno.EINVAL);
  }

  @Test
  void onlyPrivateAnonymousMemory_growsDown() {
    lab.put("/f", filled(8, 'f'));
    int fd = lab.open(pid, "/f", RDWR);
    int down = MapFlag.GROWSDOWN.bit();
    assertErrno(lab.tryMmap(pid, 0, PAGE, RW, PRIVATE | down, fd, 0), Errno.EINVAL);
    assertErrno(lab.tryMmap(pid, 0, PAGE, RW, SHARED | ANONYMOUS | down, -1, 0), Errno.EINVAL);
  }

  @Test
  void heap_keepsItsDistanceToAStack() {
    long heap = 0x2a_aaaa_d000L;
    lab.mmap(pid, heap + GAP + 4 * PAGE, PAGE, RW, STACK, -1, 0);
    assertThat(lab.ecall(pid, 214, heap + 3 * PAGE)).isEqualTo(heap + 3 * PAGE);
    assertThat(lab.ecall(pid, 214, heap + 4 * PAGE)).isEqualTo(heap + 3 * PAGE);
  }

  @Test
  void lockedStack_countsWhatItGrows() {
    lab.run(new Command.Mlock(pid, START, 2 * PAGE));
    lab.run(new Command.Prlimit(pid, Rlimit.MEMLOCK, new Rlimits.Pair(3 * PAGE, 3 * PAGE)));
    lab.write(pid, START - 1, filled(1, 1));
    long below = START - 2 * PAGE;
    assertSignal(lab.tryRead(pid, below, 1), "SIGSEGV SEGV_MAPERR", below);
    assertThat(lab.tryRead(pid, START - PAGE, R).signal()).isNull();
  }
}
