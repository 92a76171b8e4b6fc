package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where mappings go, that no page is copied on the way, and what is refused. */
class MremapTest {
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final long BASE = 0x10_0000;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void map() {
    pid = lab.spawn();
    lab.mmap(pid, BASE, 4 * PAGE, RW, ANON | FIXED, -1, 0);
    lab.write(pid, BASE, filled(4 * PAGE, 7));
  }

  private Outcome remap(long address, long length, long newLength, int flags, long newAddress) {
    return lab.run(new Command.Mremap(pid, address, length, newLength, flags, newAddress));
  }

  private long moved(Outcome outcome) {
    assertThat(outcome.result()).as(outcome.story()).isNotNull();
    return ((Result.Address) Objects.requireNonNull(outcome.result())).address();
  }

  @ParameterizedTest
  @CsvSource({
    "0x100001, 4096, 4096, 1, 0, EINVAL",
    "0x100000, 4096, 0, 1, 0, EINVAL",
    "0x100000, 4096, 4096, 8, 0, EINVAL",
    "0x100000, 4096, 4096, 2, 0x200000, EINVAL",
    "0x100000, 4096, 4096, 3, 0x200001, EINVAL",
    "0x100000, 8192, 4096, 3, 0x101000, EINVAL",
    "0x100000, 4096, 8192, 5, 0, EINVAL",
    "0x200000, 4096, 8192, 1, 0, EFAULT",
    "0x200000, 4096, 4096, 3, 0x300000, EFAULT",
    "0x100000, 0x5000, 0x6000, 1, 0, EFAULT",
    "0x100000, 0, 4096, 1, 0, EINVAL",
    "0x100000, 4096, 8192, 0, 0, ENOMEM",
  })
  void wrongArguments_areRefusedAsLinuxDoes(
      String address, String length, String newLength, int flags, String target, Errno errno) {
    assertErrno(
        remap(
            Long.decode(address),
            Long.decode(length),
            Long.decode(newLength),
            flags,
            Long.decode(target)),
        errno);
  }

  @Test
  void shrink_unmapsTheEnd() {
    assertThat(moved(remap(BASE, 4 * PAGE, PAGE, 0, 0))).isEqualTo(BASE);
    assertSignal(lab.tryRead(pid, BASE + PAGE, 1), "SIGSEGV SEGV_MAPERR", BASE + PAGE);
  }

  @Test
  void growth_staysInPlaceWhereThereIsRoom() {
    assertThat(moved(remap(BASE, 4 * PAGE, 6 * PAGE, 0, 0))).isEqualTo(BASE);
    lab.write(pid, BASE + 5 * PAGE, filled(1, 1));
  }

  @Test
  void growthInAChild_joinsWhatFollows() {
    lab.mmap(pid, BASE + 5 * PAGE, PAGE, RW, ANON | FIXED, -1, 0);
    pid = lab.fork(pid);
    assertThat(moved(remap(BASE, 4 * PAGE, 5 * PAGE, 0, 0))).isEqualTo(BASE);
    assertThat(lab.maps(pid)).startsWith("00100000-00106000 rw-p");
  }

  @Test
  void move_takesTheFramesAlong() {
    long ppn = lab.frameOf(pid, BASE);
    int free = lab.freeFrames();
    lab.mmap(pid, BASE + 4 * PAGE, PAGE, RW, SHARED | ANONYMOUS | FIXED, -1, 0);
    Outcome outcome = remap(BASE, 4 * PAGE, 8 * PAGE, 1, 0);
    long target = moved(outcome);
    assertThat(target).isNotEqualTo(BASE);
    assertThat(lab.steps(outcome)).contains(StepKind.MOVES_ENTRY).doesNotContain(StepKind.COPIES);
    assertThat(lab.frameOf(pid, target)).isEqualTo(ppn);
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(1);
    assertThat(lab.read(pid, target, 1)).containsExactly(7);
    assertSignal(lab.tryRead(pid, BASE, 1), "SIGSEGV SEGV_MAPERR", BASE);
    assertThat(lab.freeFrames()).isGreaterThanOrEqualTo(free - 2);
  }

  @Test
  void dontUnmap_leavesTheOldMappingEmpty() {
    long target = moved(remap(BASE, 4 * PAGE, 4 * PAGE, 5, 0));
    assertThat(lab.read(pid, target, 1)).containsExactly(7);
    assertThat(lab.read(pid, BASE, 1)).containsExactly(0);
  }

  @Test
  void oldLengthZero_mapsSharedMemoryTwice() {
    long shared = lab.mmap(pid, PAGE, RW, SHARED | ANONYMOUS, -1);
    lab.write(pid, shared, filled(1, 9));
    long again = moved(remap(shared, 0, PAGE, 1, 0));
    assertThat(lab.read(pid, again, 1)).containsExactly(9);
    assertThat(lab.frameOf(pid, again)).isEqualTo(lab.frameOf(pid, shared));
    assertThat(lab.frame(lab.frameOf(pid, again), Frame.MAPPINGS)).isEqualTo(2);
  }

  @Test
  void shrinkingMove_mayBeginInAVmaThatEndsEarlier() {
    // Found against Linux 6.18, seed 8623142911725.
    lab.munmap(pid, BASE + 2 * PAGE, 2 * PAGE);
    assertThat(moved(remap(BASE, 4 * PAGE, 2 * PAGE, 3, 0x20_0000))).isEqualTo(0x20_0000);
  }

  @Test
  void severalVmas_moveWithTheirGaps() {
    lab.munmap(pid, BASE + PAGE, PAGE);
    lab.run(new Command.Mprotect(pid, BASE + 3 * PAGE, PAGE, TestLab.R));
    long target = 0x20_0000;
    assertThat(moved(remap(BASE, 4 * PAGE, 4 * PAGE, 3, target))).isEqualTo(target);
    assertThat(lab.read(pid, target, 1)).containsExactly(7);
    assertSignal(lab.tryRead(pid, target + PAGE, 1), "SIGSEGV SEGV_MAPERR", target + PAGE);
    assertThat(lab.read(pid, target + 2 * PAGE, PAGE)).isEqualTo(filled(PAGE, 7));
    long last = target + 3 * PAGE;
    assertSignal(lab.tryWrite(pid, last, filled(1, 1)), "SIGSEGV SEGV_ACCERR", last);
    assertThat(lab.state().rows(Table.VMA).size()).isEqualTo(3);
  }
}
