package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.RW;
import static dev.faultline.lab.TestLab.assertSignal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import dev.faultline.lab.SmallLimits;
import dev.faultline.lab.Standing;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Cursor;
import dev.faultline.log.RecordType;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The commands {@code step} and {@code run}, and what is read of a process that they moved. */
class SteppingTest {
  private static final long CODE = 0x1_0000;
  private static final long DATA = 0x2_0000;
  private static final int LUI_A2_DATA = 0x0002_0637;
  private static final int SD_A0_A2 = 0x00a6_3023;
  private static final int ADDI_A0_1 = 0x0015_0513;
  private static final int ECALL = 0x0000_0073;
  private static final int JUMP_TO_ITSELF = 0x0000_006f;
  private static final int BACK_ONE = 0xffdf_f06f;
  private static final int BACK_TWO = 0xff9f_f06f;

  private final TestLab lab = TestLab.lazy();

  private static int loadImmediate(int register, int value) {
    return value << 20 | register << 7 | 0x13;
  }

  private int spawn(int... instructions) {
    return spawn(lab.laboratory(), instructions);
  }

  private static int spawn(Laboratory in, int... instructions) {
    int pid = ((Result.Pid) result(in.execute(new Command.Spawn("program")))).pid();
    int fixed = PRIVATE | ANONYMOUS | FIXED;
    in.execute(new Command.Mmap(pid, CODE, PAGE, RW | Prot.EXEC, fixed, -1, 0));
    in.execute(new Command.Mmap(pid, DATA, PAGE, RW, fixed, -1, 0));
    ByteBuffer bytes = ByteBuffer.allocate(instructions.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int instruction : instructions) {
      bytes.putInt(instruction);
    }
    in.execute(new Command.Write(pid, CODE, bytes.array()));
    return pid;
  }

  private static Result result(Outcome outcome) {
    return Objects.requireNonNull(outcome.result(), outcome::story);
  }

  private Result.Stepped step(int pid, int count, @Nullable Long address) {
    return (Result.Stepped) result(lab.run(new Command.Step(pid, count, address)));
  }

  private Outcome tryRun(int pid, long instructions, Reason until, @Nullable Long address) {
    return lab.run(new Command.Run(pid, instructions, until, address));
  }

  private RunEnd run(int pid, long instructions, Reason until, @Nullable Long address) {
    return ((Result.Ran) result(tryRun(pid, instructions, until, address))).end();
  }

  private RunEnd runTo(int pid, @Nullable Long address, long breakpoint) {
    var command = new Command.Run(pid, 1_000, Reason.EXIT, address, breakpoint);
    return ((Result.Ran) result(lab.run(command))).end();
  }

  @Test
  void runToABreakpoint_stopsBeforeItsInstruction() {
    int pid = spawn(loadImmediate(10, 5), ADDI_A0_1, ADDI_A0_1, BACK_ONE);
    assertThat(runTo(pid, CODE, CODE + 8)).isEqualTo(new RunEnd(Reason.BREAKPOINT, 0, 2));
    assertThat(lab.laboratory().ask(pid, Standing::of).registers()).containsEntry("a0", 6L);
    assertThat(runTo(pid, null, CODE + 8)).isEqualTo(new RunEnd(Reason.BREAKPOINT, 0, 2));
    assertThat(runTo(pid, null, CODE)).isEqualTo(new RunEnd(Reason.INSTRUCTIONS, 0, 1_000));
  }

  @Test
  void runToABreakpoint_isNotStoppedByAFaultOfItsFirstInstruction() {
    int pid = spawn(LUI_A2_DATA, SD_A0_A2, JUMP_TO_ITSELF);
    runTo(pid, CODE, CODE + 4);
    assertThat(runTo(pid, null, CODE + 4)).isEqualTo(new RunEnd(Reason.INSTRUCTIONS, 0, 1_000));
  }

  @Test
  void runToABreakpoint_stopsRightAfterASystemCall() {
    int pid = spawn(loadImmediate(17, 999), ECALL, ADDI_A0_1, JUMP_TO_ITSELF);
    assertThat(runTo(pid, CODE, CODE + 8).reason()).isEqualTo(Reason.BREAKPOINT);
    assertThat(lab.laboratory().ask(pid, Standing::of).pc()).isEqualTo(CODE + 8);
  }

  @Test
  void step_tellsWhereItStandsAndWhatChanged() {
    int pid = spawn(loadImmediate(10, 5), ADDI_A0_1, JUMP_TO_ITSELF);
    Standing first = step(pid, 1, CODE).standing();
    assertThat(first.pc()).isEqualTo(CODE + 4);
    assertThat(first.instruction()).isEqualTo("addi a0, a0, 1");
    assertThat(first.registers()).containsOnly(entry("a0", 5L));
    Result.Stepped second = step(pid, 2, null);
    assertThat(second.standing().registers()).containsOnly(entry("a0", 6L));
    assertThat(second.standing().pc()).isEqualTo(CODE + 8);
    assertThat(second.end()).isEqualTo(new RunEnd(Reason.INSTRUCTIONS, 0, 2));
  }

  @Test
  void stepOverAFirstStore_tellsTheFaultInItsStory() {
    int pid = spawn(LUI_A2_DATA, SD_A0_A2);
    step(pid, 1, CODE);
    Outcome store = lab.run(new Command.Step(pid, 1, null));
    assertThat(store.story()).contains("sd a0, 0(a2)", "anonymous page fault", "retried");
    assertThat(lab.steps(store)).contains(StepKind.EXECUTES, StepKind.TRAPS, StepKind.RETRIES);
  }

  @Test
  void stepWithASignal_staysAtTheInstructionAndTheProcessLives() {
    int pid = spawn(0x0003_0637, SD_A0_A2); // lui a2, 0x30
    Outcome outcome = lab.run(new Command.Step(pid, 5, CODE));
    assertSignal(outcome, "SIGSEGV SEGV_MAPERR", 0x3_0000);
    Result.Stepped stepped = (Result.Stepped) result(outcome);
    assertThat(stepped.end()).isEqualTo(new RunEnd(Reason.SIGNAL, 0, 1));
    assertThat(stepped.standing().pc()).isEqualTo(CODE + 4);
    lab.mmap(pid, 0x3_0000, PAGE, RW, PRIVATE | ANONYMOUS | FIXED, -1, 0);
    assertThat(step(pid, 1, null).standing().pc()).isEqualTo(CODE + 8);
  }

  @Test
  void run_stopsAfterExactlySoManyInstructions() {
    int pid = spawn(ADDI_A0_1, BACK_ONE);
    assertThat(run(pid, 1_001, Reason.EXIT, CODE))
        .isEqualTo(new RunEnd(Reason.INSTRUCTIONS, 0, 1_001));
    Standing standing = lab.laboratory().ask(pid, Standing::of);
    assertThat(standing.registers()).containsEntry("a0", 501L);
    assertThat(standing.pc()).isEqualTo(CODE + 4);
  }

  @Test
  void runToExit_endsTheProcessWithItsStatus() {
    int pid = spawn(loadImmediate(10, 7), loadImmediate(17, 93), ECALL);
    assertThat(run(pid, 100, Reason.EXIT, CODE)).isEqualTo(new RunEnd(Reason.EXIT, 7, 2));
    int alive = lab.laboratory().ask(kernel -> kernel.processes().alive());
    assertThat(alive).isZero();
  }

  @Test
  void runUntilFault_stopsBeforeTheAccessIsDone() {
    int pid = spawn(loadImmediate(10, 9), LUI_A2_DATA, SD_A0_A2, JUMP_TO_ITSELF);
    assertThat(run(pid, 1_000, Reason.FAULT, CODE)).isEqualTo(new RunEnd(Reason.FAULT, 0, 2));
    assertThat(lab.laboratory().ask(pid, Standing::of).instruction()).isEqualTo("sd a0, 0(a2)");
    assertThat(run(pid, 1, Reason.FAULT, null)).isEqualTo(new RunEnd(Reason.INSTRUCTIONS, 0, 1));
    assertThat(lab.read(pid, DATA, 1)).containsExactly(9);
  }

  @Test
  void runUntilSystemCall_stopsWithItsResult() {
    int pid = spawn(loadImmediate(17, 999), ECALL, JUMP_TO_ITSELF);
    assertThat(run(pid, 1_000, Reason.SYSCALL, CODE)).isEqualTo(new RunEnd(Reason.SYSCALL, 0, 1));
    Standing standing = lab.laboratory().ask(pid, Standing::of);
    assertThat(standing.registers()).containsEntry("a0", -38L);
    assertThat(standing.pc()).isEqualTo(CODE + 8);
  }

  @Test
  void runIntoASignal_isReported() {
    int pid = spawn(loadImmediate(10, 1), 0xffff_ffff);
    Outcome outcome = tryRun(pid, 100, Reason.EXIT, CODE);
    assertSignal(outcome, "SIGILL ILL_ILLOPC", CODE + 4);
    assertThat(result(outcome)).isEqualTo(new Result.Ran(new RunEnd(Reason.SIGNAL, 0, 1)));
  }

  @Test
  void processes_keepTheirRegistersWhileOthersRun() {
    int first = spawn(ADDI_A0_1, 0xd225_0053, BACK_TWO); // fcvt.d.l ft0, a0
    int second = spawn(ADDI_A0_1, BACK_ONE);
    for (int i = 0; i < 5; i++) {
      run(first, 3, Reason.EXIT, CODE);
      run(second, 4, Reason.EXIT, CODE);
      lab.read(second, DATA, 8);
    }
    assertThat(lab.laboratory().ask(first, Standing::of).registers())
        .containsEntry("a0", 5L)
        .containsEntry("ft0", Double.doubleToRawLongBits(5.0));
    assertThat(lab.laboratory().ask(second, Standing::of).registers()).containsEntry("a0", 10L);
  }

  @Test
  void child_goesOnWhereItsParentStands() {
    int pid = spawn(loadImmediate(10, 3), ADDI_A0_1, JUMP_TO_ITSELF);
    step(pid, 1, CODE);
    int child = lab.fork(pid);
    assertThat(step(child, 1, null).standing().registers()).containsOnly(entry("a0", 4L));
    assertThat(lab.laboratory().ask(pid, Standing::of).registers()).containsEntry("a0", 3L);
  }

  @Test
  void runWithoutEnd_isStoppedByTimeAndCanBeToldAgain() {
    Limits all = Limits.DEFAULT;
    Limits impatient = SmallLimits.with(all, "runMillis", 20);
    Settings settings = Settings.of("endless", PrivateFileStrategy.LAZY);
    Laboratory stopped = new Laboratories(impatient).open(settings);
    int pid = spawn(stopped, ADDI_A0_1, BACK_ONE);
    Result.Ran ran = (Result.Ran) result(stopped.execute(endless(pid, Command.Run.AS_LIMITED)));
    assertThat(ran.end().reason()).isEqualTo(Reason.TIME);
    Laboratory again = new Laboratories(all).open(settings);
    spawn(again, ADDI_A0_1, BACK_ONE);
    again.execute(endless(pid, ran.end().instructions()));
    assertThat(records(again)).isEqualTo(records(stopped));
  }

  @Test
  void runWithoutEnd_isStoppedByAnotherThread() throws Exception {
    Limits patient = SmallLimits.with(Limits.DEFAULT, "runMillis", 3_600_000);
    Laboratory stopped =
        new Laboratories(patient).open(Settings.of("endless", PrivateFileStrategy.LAZY));
    int pid = spawn(stopped, ADDI_A0_1, BACK_ONE);
    var run = new FutureTask<>(() -> stopped.execute(endless(pid, Command.Run.AS_LIMITED)));
    Thread runner = Thread.ofVirtual().start(run);
    do {
      stopped.stopRun();
    } while (!runner.join(Duration.ofMillis(10)));
    assertThat(((Result.Ran) result(run.get())).end().reason()).isEqualTo(Reason.TIME);
    stopped.stopRun();
    Outcome next = stopped.execute(endless(pid, 100_000));
    assertThat(((Result.Ran) result(next)).end().reason()).isEqualTo(Reason.INSTRUCTIONS);
  }

  private static Command endless(int pid, long instructions) {
    return new Command.Run(pid, instructions, Reason.EXIT, CODE);
  }

  private static List<String> records(Laboratory laboratory) {
    List<String> records = new ArrayList<>();
    Cursor cursor = laboratory.log().cursor(0);
    while (cursor.next()) {
      var text = new StringBuilder().append(cursor.type());
      if (cursor.type() == RecordType.OPERATION || cursor.type() == RecordType.STEP) {
        text.append(cursor.text());
      } else if (cursor.type() == RecordType.OUTCOME) {
        text.append(cursor.argument(0));
      }
      records.add(text.toString());
    }
    return records;
  }

  @Test
  void code_isReadWithoutSideEffects() {
    int pid = spawn(loadImmediate(10, 5), 0x4515_4501); // c.li a0, 0; c.li a0, 5
    step(pid, 1, CODE);
    long head = lab.laboratory().log().head();
    List<Disassembly.Line> lines =
        lab.laboratory().ask(pid, (kernel, process) -> Disassembly.of(kernel, process, CODE, 3));
    assertThat(lines)
        .extracting(Disassembly.Line::assembly)
        .containsExactly("li a0, 5", "li a0, 0", "li a0, 5");
    assertThat(lines).extracting(line -> line.bytes().length).containsExactly(4, 2, 2);
    assertThat(lab.laboratory().log().head()).isEqualTo(head);
  }

  @Test
  void codeAtThePagesEnd_saysThatNothingIsThere() {
    int pid = spawn(JUMP_TO_ITSELF);
    List<Disassembly.Line> lines =
        lab.laboratory()
            .ask(pid, (kernel, process) -> Disassembly.of(kernel, process, CODE + PAGE - 2, 9));
    assertThat(lines).hasSize(2);
    assertThat(lines.getLast().assembly()).isNull();
    assertThat(lines.getLast().address()).isEqualTo(CODE + PAGE);
  }
}
