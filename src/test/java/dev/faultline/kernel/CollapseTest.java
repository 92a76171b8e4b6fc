package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SUPERPAGE;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Advice;
import dev.faultline.kernel.mm.ReclaimPolicy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Table;
import org.junit.jupiter.api.Test;

/** {@code MADV_COLLAPSE}: small pages become a superpage; answers are those of Linux 6.18. */
class CollapseTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.withSwap(4096, 512, ReclaimPolicy.LRU);
  private final int pid = lab.spawn();

  /** The first superpage's place in an area that has room for three. */
  private long area(int prot) {
    long address = lab.mmap(pid, 4L * SUPERPAGE, prot, ANON, -1);
    return address + SUPERPAGE - 1 & -SUPERPAGE;
  }

  private Outcome collapse(long address, long length) {
    return lab.run(new Command.Madvise(pid, address, length, Advice.COLLAPSE.number()));
  }

  private void collapsed(long address) {
    Outcome outcome = collapse(address, SUPERPAGE);
    assertThat(outcome.errno()).as(outcome.story()).isNull();
    assertThat(lab.superpage(pid, address)).isNotZero();
  }

  @Test
  void smallPages_areCopiedAndTheRestIsZero() {
    int free = lab.freeFrames();
    long start = area(RW);
    lab.write(pid, start, pattern(PAGE));
    lab.write(pid, start + 5 * PAGE, filled(PAGE, 2));
    lab.read(pid, start + 7 * PAGE, 1);
    collapsed(start);
    assertThat(free - lab.freeFrames()).as("512, their table, the one above").isEqualTo(514);
    assertThat(lab.read(pid, start, PAGE)).isEqualTo(pattern(PAGE));
    assertThat(lab.read(pid, start + 5 * PAGE, PAGE)).isEqualTo(filled(PAGE, 2));
    assertThat(lab.read(pid, start + 6 * PAGE, 2 * PAGE)).isEqualTo(new byte[2 * PAGE]);
    lab.write(pid, start + 7 * PAGE, filled(1, 1));
    assertThat(lab.smaps(pid)).contains("AnonHugePages:      2048 kB");
    lab.munmap(pid, start + PAGE, PAGE);
    assertThat(lab.read(pid, start, PAGE)).as("after its split").isEqualTo(pattern(PAGE));
    lab.exit(pid);
    assertThat(lab.freeFrames()).as("and the root").isEqualTo(free + 1);
  }

  @Test
  void swappedPages_comeBackIntoIt() {
    long start = area(RW);
    lab.write(pid, start, pattern(8 * PAGE));
    lab.run(new Command.Madvise(pid, start, 4 * PAGE, Advice.PAGEOUT.number()));
    assertThat(lab.state().rows(Table.SWAP_SLOT).size()).isEqualTo(4);
    collapsed(start);
    assertThat(lab.state().rows(Table.SWAP_SLOT).size()).isZero();
    assertThat(lab.read(pid, start, 8 * PAGE)).isEqualTo(pattern(8 * PAGE));
  }

  @Test
  void pagesSharedSinceAFork_areCopiedForWhoCollapses() {
    long start = area(RW);
    lab.write(pid, start, pattern(PAGE));
    int child = lab.fork(pid);
    collapsed(start);
    lab.write(pid, start, filled(1, 0));
    assertThat(lab.read(child, start, PAGE)).isEqualTo(pattern(PAGE));
    assertThat(lab.frame(lab.frameOf(child, start), Table.Frame.REFS)).isEqualTo(1);
  }

  @Test
  void readOnlyMemoryThatWasWritten_stillCannotBeWritten() {
    long start = area(RW);
    lab.write(pid, start, pattern(PAGE));
    lab.run(new Command.Mprotect(pid, start, SUPERPAGE, R));
    collapsed(start);
    assertThat(lab.tryWrite(pid, start, filled(1, 1)).signal()).isNotNull();
    lab.run(new Command.Mprotect(pid, start, SUPERPAGE, RW));
    lab.write(pid, start, filled(1, 1));
  }

  @Test
  void wholeSuperpagesOfTheRange_areMeant() {
    long start = area(RW);
    lab.write(pid, start, pattern(PAGE));
    assertThat(collapse(start, PAGE).errno()).isNull();
    assertThat(collapse(start + PAGE, SUPERPAGE).errno()).isNull();
    assertThat(lab.superpage(pid, start)).isZero();
    assertErrno(collapse(start + PAGE, PAGE), Errno.EINVAL);
    collapsed(start);
    collapsed(start);
  }

  @Test
  void memoryWithoutATable_isEinvalAfterTheRestIsDone() {
    long start = area(RW);
    lab.write(pid, start + SUPERPAGE, pattern(PAGE));
    assertErrno(collapse(start, 2L * SUPERPAGE), Errno.EINVAL);
    assertThat(lab.superpage(pid, start + SUPERPAGE)).isNotZero();
  }

  @Test
  void whatCannotCollapse_isEinval() {
    long start = area(RW);
    lab.write(pid, start, pattern(PAGE));
    lab.run(new Command.Madvise(pid, start + PAGE, PAGE, Advice.GUARD_INSTALL.number()));
    assertErrno(collapse(start, SUPERPAGE), Errno.EINVAL);
    long against = area(RW);
    lab.write(pid, against, pattern(PAGE));
    lab.run(new Command.Madvise(pid, against, SUPERPAGE, Advice.NOHUGEPAGE.number()));
    assertErrno(collapse(against, SUPERPAGE), Errno.EINVAL);
    long onlyRead = area(R);
    lab.read(pid, onlyRead, 1);
    assertErrno(collapse(onlyRead, SUPERPAGE), Errno.EINVAL);
    long small = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, small, pattern(PAGE));
    assertErrno(collapse(small, PAGE), Errno.EINVAL);
  }

  @Test
  void withoutFreeFramesInARow_isEnomemAndChangesNothing() {
    TestLab few = TestLab.withSwap(600, 0, ReclaimPolicy.LRU);
    int poor = few.spawn();
    long address = few.mmap(poor, 2L * SUPERPAGE, RW, ANON, -1);
    long start = address + SUPERPAGE - 1 & -SUPERPAGE;
    few.write(poor, start, pattern(8 * PAGE));
    int free = few.freeFrames();
    assertErrno(
        few.run(new Command.Madvise(poor, start, SUPERPAGE, Advice.COLLAPSE.number())),
        Errno.ENOMEM);
    assertThat(few.freeFrames()).isEqualTo(free);
    assertThat(few.read(poor, start, 8 * PAGE)).isEqualTo(pattern(8 * PAGE));
  }
}
