package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.R;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static dev.faultline.lab.TestLab.filled;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Cursor;
import dev.faultline.log.Errno;
import dev.faultline.log.RecordType;
import dev.faultline.log.Rows;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table;
import dev.faultline.machine.MachineConfiguration;
import dev.faultline.machine.mmu.Entry;
import dev.faultline.machine.mmu.Mmu.AdBits;
import dev.faultline.machine.mmu.PagingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several harts, each with a TLB of its own, on one memory. */
class HartsTest {
  private static final int ANON = TestLab.PRIVATE | TestLab.ANONYMOUS;
  private static final int TLB_ROWS = 32;
  private static final int READ = 63;
  private static final int RSEQ = 293;

  private final TestLab lab = of(2, AdBits.HARDWARE);

  static TestLab of(int harts, AdBits adBits) {
    var machine =
        new MachineConfiguration(4096, PagingMode.SV39, TLB_ROWS, 4, adBits).withHarts(harts);
    return TestLab.open(
        new Settings("harts", 0, new KernelConfiguration(machine, PrivateFileStrategy.LAZY)));
  }

  private Outcome goTo(int pid, int hart) {
    return lab.run(new Command.Affinity(pid, hart));
  }

  /** How many rows of a hart's TLB translate a page. */
  private long rows(int hart, long va) {
    Rows rows = lab.state().rows(Table.TLB);
    long count = 0;
    for (long key : rows.sortedKeys()) {
      if (rows.get(key, Table.Tlb.HART) == hart && rows.get(key, Table.Tlb.VA) == va) {
        assertThat(key / TLB_ROWS).isEqualTo(hart);
        count++;
      }
    }
    return count;
  }

  /** A page that has been written on hart 1 and on hart 0, where the process is now. */
  private long pageOfBoth(int pid) {
    long page = lab.mmap(pid, PAGE, RW, ANON, -1);
    goTo(pid, 1);
    lab.write(pid, page, filled(8, 7));
    goTo(pid, 0);
    lab.write(pid, page, filled(8, 8));
    assertThat(rows(0, page)).isEqualTo(1);
    assertThat(rows(1, page)).isEqualTo(1);
    return page;
  }

  private List<String> told(Outcome outcome) {
    Cursor cursor = lab.laboratory().log().cursor(outcome.firstSequence() - 1);
    var told = new ArrayList<String>();
    while (cursor.sequence() < outcome.lastSequence() && cursor.next()) {
      if (cursor.type() == RecordType.STEP) {
        told.add(cursor.text());
      }
    }
    return told;
  }

  /** What becomes of the rows of hart 1 in an operation. */
  private List<String> fateOnHart1(Outcome outcome) {
    Cursor cursor = lab.laboratory().log().cursor(outcome.firstSequence() - 1);
    var fate = new ArrayList<String>();
    while (cursor.sequence() < outcome.lastSequence() && cursor.next()) {
      boolean isRow =
          (cursor.type() == RecordType.UPDATE || cursor.type() == RecordType.DELETE)
              && cursor.table() == Table.TLB
              && cursor.key() / TLB_ROWS == 1;
      if (isRow) {
        fate.add(cursor.type() == RecordType.DELETE ? "gone" : "stale");
      } else if (cursor.type() == RecordType.STEP && cursor.step() == StepKind.SHOOTS_DOWN) {
        fate.add("shot down");
      }
    }
    return fate;
  }

  @Test
  void munmap_shootsDownTheRowOfAnotherHart() {
    int pid = lab.spawn();
    long page = pageOfBoth(pid);
    Outcome outcome = lab.munmap(pid, page, PAGE);
    assertThat(rows(0, page)).isZero();
    assertThat(rows(1, page)).isZero();
    assertThat(told(outcome))
        .contains(
            "hart 0 cannot fence for others: interrupts 1 that have been in ASID 1, and waits",
            "hart 1 is interrupted by hart 0 and fences: 1 row leaves its TLB");
    goTo(pid, 1);
    assertSignal(lab.tryRead(pid, page, 1), "SIGSEGV SEGV_MAPERR", page);
  }

  @Test
  void rowOfAnotherHart_isStaleUntilItIsShotDown() {
    int pid = lab.spawn();
    long page = pageOfBoth(pid);
    assertThat(fateOnHart1(lab.munmap(pid, page, PAGE)))
        .containsExactly("stale", "shot down", "gone");
  }

  @Test
  void narrowing_shootsDownTheRowOfAnotherHart() {
    int pid = lab.spawn();
    long page = pageOfBoth(pid);
    Outcome outcome = lab.run(new Command.Mprotect(pid, page, PAGE, R));
    assertThat(lab.steps(outcome))
        .containsSubsequence(
            StepKind.FENCES_CHANGED, StepKind.SHOOTS_DOWN, StepKind.FENCES_FOR_ANOTHER);
    goTo(pid, 1);
    assertSignal(lab.tryWrite(pid, page, filled(1, 1)), "SIGSEGV SEGV_ACCERR", page);
  }

  @Test
  void forkAndCopyOnWrite_areHeardOfByEachHartThatHasBeenThere() {
    int parent = lab.spawn();
    long page = pageOfBoth(parent);
    assertThat(lab.steps(lab.run(new Command.Fork(parent)))).contains(StepKind.SHOOTS_DOWN);
    goTo(parent, 1);
    lab.read(parent, page, 1);
    goTo(parent, 0);
    Outcome copied = lab.write(parent, page, filled(8, 9));
    assertThat(lab.steps(copied))
        .containsSubsequence(StepKind.COPY_ON_WRITE, StepKind.FENCES, StepKind.SHOOTS_DOWN);
    goTo(parent, 1);
    assertThat(lab.read(parent, page, 8)).isEqualTo(filled(8, 9));
  }

  @Test
  void hartThatWasNeverThere_isLeftAlone() {
    int pid = lab.spawn();
    int other = lab.spawn();
    goTo(pid, 0);
    long page = lab.mmap(pid, PAGE, RW, ANON, -1);
    lab.write(pid, page, filled(8, 7));
    goTo(other, 1);
    long elsewhere = lab.mmap(other, PAGE, RW, ANON, -1);
    lab.write(other, elsewhere, filled(8, 7));
    assertThat(lab.steps(lab.munmap(pid, page, PAGE))).doesNotContain(StepKind.SHOOTS_DOWN);
    assertThat(rows(1, elsewhere)).isEqualTo(1);
  }

  @Test
  void hartThatHasLeftForAnotherProcess_stillHears() {
    int pid = lab.spawn();
    int other = lab.spawn();
    long page = pageOfBoth(pid);
    goTo(other, 1);
    lab.munmap(pid, page, PAGE);
    assertThat(rows(1, page)).isZero();
  }

  @Test
  void entryThatAllowsMore_costsAnotherHartAFaultAndNoInterrupt() {
    int pid = lab.spawn();
    long page = pageOfBoth(pid);
    int child = lab.fork(pid);
    goTo(pid, 1);
    lab.read(pid, page, 1);
    goTo(pid, 0);
    lab.read(pid, page, 1);
    lab.exit(child);
    Outcome reused = lab.write(pid, page, filled(1, 2));
    assertThat(lab.steps(reused)).contains(StepKind.REUSE).doesNotContain(StepKind.SHOOTS_DOWN);
    assertThat(rows(1, page)).isEqualTo(1);
    goTo(pid, 1);
    Outcome late = lab.write(pid, page, filled(1, 3));
    assertThat(lab.steps(late)).contains(StepKind.NEEDS_ROW_ONLY);
    assertThat(lab.entry(pid, page) & Entry.W).isNotZero();
    assertThat(lab.read(pid, page, 1)).isEqualTo(filled(1, 3));
  }

  @Test
  void newProcesses_areDealtToTheHartWithTheFewest() {
    int first = lab.spawn();
    int second = lab.spawn();
    int third = lab.spawn();
    for (int pid : new int[] {first, second, third}) {
      lab.read(pid, lab.mmap(pid, PAGE, RW, ANON, -1), 1);
    }
    Rows harts = lab.state().rows(Table.HART);
    assertThat(harts.get(0, Table.Hart.PID)).isEqualTo(third);
    assertThat(harts.get(1, Table.Hart.PID)).isEqualTo(second);
  }

  @Test
  void areaOfRestartableSequences_tellsTheHart() {
    int pid = lab.spawn();
    long page = lab.mmap(pid, PAGE, TestLab.RW | Prot.EXEC, ANON, -1);
    lab.write(pid, page, new byte[] {0x6f, 0, 0, 0}); // j .
    long area = page + 1024;
    assertThat(lab.ecall(pid, RSEQ, area, 32, 0, 0x53053053)).isZero();
    for (int hart : new int[] {1, 0, 1}) {
      goTo(pid, hart);
      lab.run(new Command.Step(pid, 1, page));
      ByteBuffer told = ByteBuffer.wrap(lab.read(pid, area, 28)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(told.getInt(0)).as("cpu_id_start").isEqualTo(hart);
      assertThat(told.getInt(4)).as("cpu_id").isEqualTo(hart);
      assertThat(told.getInt(24)).as("mm_cid").isEqualTo(hart);
    }
  }

  @Test
  void statisticsOfTheMachine_haveALineForEachHart() {
    int pid = lab.spawn();
    long page = lab.mmap(pid, PAGE, RW, ANON, -1);
    int fd = lab.open(pid, "/proc/stat", TestLab.RDONLY);
    int length = (int) lab.ecall(pid, READ, fd, page, PAGE);
    String text = new String(lab.read(pid, page, length), StandardCharsets.UTF_8);
    assertThat(
            text.lines().filter(line -> line.startsWith("cpu")).map(line -> line.split(" ", 2)[0]))
        .containsExactly("cpu", "cpu0", "cpu1");
  }

  @Test
  void hartThatIsNotThere_isEinval() {
    assertErrno(goTo(lab.spawn(), 2), Errno.EINVAL);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void threads_printTheSameOnAnyNumberOfHarts(int harts) {
    assertThat(ran(of(harts, AdBits.HARDWARE))).isEqualTo(ran(of(1, AdBits.HARDWARE)));
  }

  @Test
  void threadsOnFourHarts_giveTheSameLogTwice() {
    TestLab one = of(4, AdBits.HARDWARE);
    TestLab other = of(4, AdBits.HARDWARE);
    ran(one);
    ran(other);
    assertThat(other.records()).isEqualTo(one.records());
    Rows harts = one.state().rows(Table.HART);
    Rows same = other.state().rows(Table.HART);
    for (int hart = 0; hart < 4; hart++) {
      long retired = harts.get(hart, Table.Hart.INSTRET);
      assertThat(retired).as("hart %s", hart).isPositive();
      assertThat(same.get(hart, Table.Hart.INSTRET)).isEqualTo(retired);
    }
  }

  /** What the program of many threads prints. */
  private static String ran(TestLab lab) {
    String path = "/bin/threads";
    lab.run(new Command.PutFile(path, 0755, Programs.file("threads")));
    var start = new Command.Start(path, List.of(path), List.of(), null);
    int pid = ((Result.Pid) Objects.requireNonNull(lab.run(start).result())).pid();
    Outcome outcome = lab.run(new Command.Run(pid, 50_000_000, Reason.EXIT, null));
    RunEnd end = ((Result.Ran) Objects.requireNonNull(outcome.result(), outcome::story)).end();
    assertThat(end.reason()).isEqualTo(Reason.EXIT);
    return lab.laboratory()
        .askOfAny(
            pid,
            process ->
                new String(
                    Objects.requireNonNull(process.console()).output(), StandardCharsets.UTF_8));
  }
}
