package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RDONLY;
import static dev.faultline.lab.TestLab.RDWR;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.SHARED;
import static dev.faultline.lab.TestLab.filled;
import static dev.faultline.lab.TestLab.pattern;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.NoSuchProcessException;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.log.Table.Frame;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What fork shares, who copies, who reuses, and that exit gives everything back. */
class ForkTest {
  private static final int ANON = PRIVATE | ANONYMOUS;

  private final TestLab lab = TestLab.lazy();
  private int parent;

  @BeforeEach
  void spawn() {
    lab.put("/f", pattern(4 * PAGE));
    parent = lab.spawn();
  }

  @Test
  void fork_sharesPrivatePagesAndClearsWInBoth() {
    long address = lab.mmap(parent, 2 * PAGE, RW, ANON, -1);
    lab.write(parent, address, filled(2 * PAGE, 1));
    long ppn = lab.frameOf(parent, address);
    int child = lab.fork(parent);
    assertThat(lab.frameOf(child, address)).isEqualTo(ppn);
    assertThat(lab.entry(parent, address) & Entry.W).isZero();
    assertThat(lab.entry(child, address) & Entry.W).isZero();
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(2);
    assertThat(lab.count(Table.FRAME, Frame.KIND, "anon")).isEqualTo(2);
  }

  @Test
  void firstWriterCopies_andTheLastSharerReuses() {
    long address = lab.mmap(parent, PAGE, RW, ANON, -1);
    lab.write(parent, address, filled(PAGE, 1));
    long ppn = lab.frameOf(parent, address);
    int child = lab.fork(parent);

    Outcome copy = lab.write(child, address, new byte[] {2});
    assertThat(lab.steps(copy)).contains(StepKind.COPY_ON_WRITE, StepKind.COPIES);
    assertThat(lab.frameOf(child, address)).isNotEqualTo(ppn);
    assertThat(lab.frame(ppn, Frame.REFS)).isEqualTo(1);

    int free = lab.freeFrames();
    Outcome reuse = lab.write(parent, address, new byte[] {3});
    assertThat(lab.steps(reuse)).contains(StepKind.REUSE).doesNotContain(StepKind.COPIES);
    assertThat(reuse.story()).contains("frame 0x%x reused without a copy".formatted(ppn));
    assertThat(lab.freeFrames()).isEqualTo(free);
    assertThat(lab.read(child, address, 2)).containsExactly(2, 1);
    assertThat(lab.read(parent, address, 2)).containsExactly(3, 1);
  }

  @Test
  void filePagesNeverWritten_areLeftToFault() {
    int fd = lab.open(parent, "/f", RDONLY);
    long address = lab.mmap(parent, 4 * PAGE, RW, PRIVATE, fd);
    lab.read(parent, address, 4 * PAGE);
    int child = lab.fork(parent);
    assertThat(lab.entry(child, address)).isZero();
    assertThat(lab.read(child, address, 4 * PAGE)).isEqualTo(pattern(4 * PAGE));
    assertThat(lab.frameOf(child, address)).isEqualTo(lab.frameOf(parent, address));
  }

  @Test
  void sharedMapping_staysShared() {
    int fd = lab.open(parent, "/f", RDWR);
    long address = lab.mmap(parent, PAGE, RW, SHARED, fd);
    int child = lab.fork(parent);
    lab.write(child, address, new byte[] {77});
    assertThat(lab.read(parent, address, 1)).containsExactly(77);
  }

  @Test
  void descriptors_areCopied() {
    int fd = lab.open(parent, "/f", RDONLY);
    int child = lab.fork(parent);
    lab.close(parent, fd);
    long address = lab.mmap(child, PAGE, R, PRIVATE, fd);
    assertThat(lab.read(child, address, PAGE)).isEqualTo(pattern(PAGE));
  }

  @Test
  void forkWithoutEnoughFrames_endsTheParentAndLosesNone() {
    var machine = new MachineConfiguration(20, PagingMode.SV39, 32, 4, AdBits.HARDWARE);
    TestLab small =
        TestLab.open(
            new Settings("test", 0, new KernelConfiguration(machine, PrivateFileStrategy.LAZY)));
    int before = small.freeFrames();
    int process = small.spawn();
    long address = small.mmap(process, 14 * PAGE, RW, ANON, -1);
    small.write(process, address, filled(14 * PAGE, 5));
    int free = small.freeFrames();
    assertThat(free).isEqualTo(2);
    Outcome fork = small.run(new Command.Fork(process));
    assertThat(Objects.requireNonNull(fork.signal()).signal()).isEqualTo(Signal.SIGKILL);
    assertThat(fork.why()).contains("kills P" + process);
    assertThat(small.freeFrames()).isEqualTo(before);
    assertThat(small.state().rows(Table.PROCESS).size()).isEqualTo(1);
  }

  @Test
  void commandToAProcessThatExited_saysSo() {
    lab.exit(parent);
    assertThatThrownBy(() -> lab.run(new Command.Read(parent, 0, 1)))
        .isInstanceOf(NoSuchProcessException.class)
        .hasMessageContaining("has exited");
    assertThat(lab.count(Table.PROCESS, Table.Process.STATE, "exited")).isEqualTo(1);
  }
}
