package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.MapFlag;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.mmu.Entry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What mprotect refuses, how VMAs split and merge, and what becomes of entries and frames. */
class MprotectTest {
  private static final int ANON = PRIVATE | ANONYMOUS;
  private static final int NONE = 0;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void spawn() {
    lab.put("/f", pattern(4 * PAGE));
    pid = lab.spawn();
  }

  private Outcome protect(long address, long length, int prot) {
    return lab.run(new Command.Mprotect(pid, address, length, prot));
  }

  private long vmas() {
    return lab.state().rows(Table.VMA).size();
  }

  @ParameterizedTest
  @CsvSource({
    "0x10001, 4096, 1, EINVAL",
    "0x10000, 0, 1, OK",
    "0x10000, 0, 64, OK",
    "0x10000, -1, 1, ENOMEM",
    "0x10000, 4096, 64, EINVAL",
    "0x10000, 4096, 8, OK",
    "0x14000, 4096, 1, ENOMEM",
    "0x10000, 0x5000, 1, ENOMEM",
    "-4096, 8192, 1, ENOMEM",
    "-4096, 4096, 1, ENOMEM",
  })
  void wrongArguments_areRefusedAsLinuxDoes(String address, String length, int prot, Errno errno) {
    lab.mmap(pid, 0x10000, 4 * PAGE, RW, ANON | TestLab.FIXED, -1, 0);
    Outcome outcome = protect(Long.decode(address), Long.decode(length), prot);
    if (errno == Errno.OK) {
      assertThat(outcome.errno()).isNull();
    } else {
      assertErrno(outcome, errno);
    }
  }

  @Test
  void hole_isRefusedAfterWhatPrecedesItChanged() {
    long address = lab.mmap(pid, 3 * PAGE, RW, ANON, -1);
    lab.munmap(pid, address + PAGE, PAGE);
    assertErrno(protect(address, 3 * PAGE, R), Errno.ENOMEM);
    assertSignal(lab.tryWrite(pid, address, filled(1, 1)), "SIGSEGV SEGV_ACCERR", address);
    assertThat(lab.tryWrite(pid, address + 2 * PAGE, filled(1, 1)).signal()).isNull();
  }

  @Test
  void sharedMemoryOfAReadOnlyDescriptor_neverBecomesWritable() {
    int fd = lab.open(pid, "/f", RDONLY);
    long shared = lab.mmap(pid, PAGE, R, SHARED, fd);
    assertErrno(protect(shared, PAGE, RW), Errno.EACCES);
    long copied = lab.mmap(pid, PAGE, R, PRIVATE, fd);
    assertThat(protect(copied, PAGE, RW).errno()).isNull();
  }

  @Test
  void middle_splitsInThree_andMergesAgain() {
    long address = lab.mmap(pid, 3 * PAGE, RW, ANON, -1);
    protect(address + PAGE, PAGE, R);
    assertThat(vmas()).isEqualTo(3);
    protect(address + PAGE, PAGE, RW);
    assertThat(vmas()).isEqualTo(1);
  }

  @Test
  void partThatBecomesLikeItsNeighbour_movesTheBorder() {
    long address = lab.mmap(pid, 4 * PAGE, RW, ANON, -1);
    protect(address, 2 * PAGE, R);
    protect(address + 2 * PAGE, PAGE, R);
    assertThat(vmas()).isEqualTo(2);
    protect(address + 2 * PAGE, PAGE, RW);
    assertThat(vmas()).isEqualTo(2);
    assertThat(lab.maps(pid)).contains("%x-%x r--p".formatted(address, address + 2 * PAGE));
  }

  @Test
  void memoryThatOnceWasWritable_doesNotMergeWithMemoryThatNeverWas() {
    int fd = lab.open(pid, "/f", RDONLY);
    long address = lab.mmap(pid, 2 * PAGE, R, PRIVATE, fd);
    protect(address, PAGE, RW);
    protect(address, PAGE, R);
    assertThat(vmas()).isEqualTo(2);
  }

  @Test
  void narrowing_takesEffectAtOnce() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(1, 7));
    Outcome outcome = protect(address, PAGE, R);
    assertThat(lab.steps(outcome)).contains(StepKind.FENCES_CHANGED);
    assertThat(lab.state().rows(Table.TLB).size()).isZero();
    assertThat(lab.entry(pid, address) & (Entry.V | Entry.R | Entry.W))
        .isEqualTo(Entry.V | Entry.R);
    assertSignal(lab.tryWrite(pid, address, filled(1, 1)), "SIGSEGV SEGV_ACCERR", address);
  }

  @Test
  void noAccess_keepsThePageAndItsFrame() {
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(1, 7));
    long ppn = lab.frameOf(pid, address);
    protect(address, PAGE, NONE);
    assertThat(lab.entry(pid, address) & (Entry.V | Entry.G | Entry.W)).isEqualTo(Entry.PROT_NONE);
    assertThat(lab.frameOf(pid, address)).isEqualTo(ppn);
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(1);
    assertSignal(lab.tryRead(pid, address, 1), "SIGSEGV SEGV_ACCERR", address);
    protect(address, PAGE, R);
    assertThat(lab.read(pid, address, 1)).containsExactly(7);
  }

  @Test
  void noAccess_isInheritedAndGivenBack() {
    int free = lab.freeFrames();
    long address = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(1, 7));
    long ppn = lab.frameOf(pid, address);
    protect(address, PAGE, NONE);
    int child = lab.fork(pid);
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(2);
    lab.exit(child);
    lab.munmap(pid, address, PAGE);
    assertThat(lab.freeFrames()).isEqualTo(free);
  }

  @Test
  void pageOfOnesOwn_isWritableAtOnce_sharedOnesAtTheFault() {
    long address = lab.mmap(pid, 2 * PAGE, RW, ANON, -1);
    lab.write(pid, address, filled(1, 7));
    lab.read(pid, address + PAGE, 1);
    protect(address, 2 * PAGE, R);
    protect(address, 2 * PAGE, RW);
    assertThat(lab.entry(pid, address) & Entry.W).isEqualTo(Entry.W);
    assertThat(lab.entry(pid, address + PAGE) & Entry.W).as("the zero page").isZero();
    lab.fork(pid);
    protect(address, 2 * PAGE, R);
    protect(address, 2 * PAGE, RW);
    assertThat(lab.entry(pid, address) & Entry.W).as("shared with the child").isZero();
    assertThat(lab.steps(lab.write(pid, address, filled(1, 8)))).contains(StepKind.COPY_ON_WRITE);
  }

  @Test
  void sharedPage_isWritableAtOnceOnlyWhenDirty() {
    int fd = lab.open(pid, "/f", RDWR);
    long address = lab.mmap(pid, 2 * PAGE, RW, SHARED, fd);
    lab.write(pid, address, filled(1, 7));
    lab.read(pid, address + PAGE, 1);
    protect(address, 2 * PAGE, R);
    protect(address, 2 * PAGE, RW);
    assertThat(lab.entry(pid, address) & Entry.W).isEqualTo(Entry.W);
    assertThat(lab.entry(pid, address + PAGE) & Entry.W).isZero();
    assertThat(lab.steps(lab.write(pid, address + PAGE, filled(1, 8))))
        .contains(StepKind.SHARED_WRITE);
  }

  @Test
  void wholeUserSpace_isProtectedWithoutAWalkOverEveryPage() {
    long length = (1L << 38) - 0x1_0000;
    int fixed = ANON | MapFlag.FIXED.bit() | MapFlag.NORESERVE.bit();
    lab.mmap(pid, 0x1_0000, length, RW, fixed, -1, 0);
    lab.write(pid, 0x1_0000, new byte[] {1});
    lab.write(pid, 0x3f_ffff_f000L, new byte[] {1});
    protect(0x1_0000, length, R);
    assertThat(lab.state().rows(Table.TLB).size()).isZero();
    TestLab.assertSignal(
        lab.tryWrite(pid, 0x3f_ffff_f000L, new byte[] {2}), "SIGSEGV SEGV_ACCERR", 0x3f_ffff_f000L);
  }
}
