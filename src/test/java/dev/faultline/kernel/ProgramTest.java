package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.ANONYMOUS;
import static dev.faultline.lab.TestLab.FIXED;
import static dev.faultline.lab.TestLab.PAGE;
import static dev.faultline.lab.TestLab.PRIVATE;
import static dev.faultline.lab.TestLab.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.abi.Prot;
import dev.faultline.kernel.process.Process;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Signal;
import dev.faultline.machine.hart.Hart;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Small programs in simulated memory, executed by the hart in U-mode. */
class ProgramTest {
  private static final long CODE = 0x1_0000;
  private static final long DATA = 0x2_0000;
  private static final int A0 = 10;
  private static final int A7 = 17;

  private final TestLab lab = TestLab.lazy();
  private int pid;

  @BeforeEach
  void mapCodeAndData() {
    pid = lab.spawn();
    int all = RW | Prot.EXEC;
    lab.mmap(pid, CODE, PAGE, all, PRIVATE | ANONYMOUS | FIXED, -1, 0);
    lab.mmap(pid, DATA, PAGE, RW, PRIVATE | ANONYMOUS | FIXED, -1, 0);
  }

  private void program(int... instructions) {
    ByteBuffer bytes = ByteBuffer.allocate(instructions.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int instruction : instructions) {
      bytes.putInt(instruction);
    }
    lab.write(pid, CODE, bytes.array());
  }

  /**
   * Executes until the program counter leaves the code or a signal stops it; gives the signal, if
   * any.
   */
  private List<SignalInfo> run() {
    return lab.laboratory()
        .ask(
            pid,
            (kernel, process) -> {
              kernel.continueAt(process, CODE);
              Hart hart = kernel.machine().hart();
              for (int i = 0; i < 10_000 && hart.pc() < CODE + PAGE / 2; i++) {
                if (kernel.step(process, 1).reason() == RunEnd.Reason.SIGNAL) {
                  return List.of(Objects.requireNonNull(kernel.delivered()));
                }
              }
              return List.of();
            });
  }

  private long register(int index) {
    return lab.laboratory().ask(pid, (kernel, process) -> kernel.registers(process).integer(index));
  }

  @Test
  void loop_sumsAndStores() {
    program(
        0x00000513, // li a0, 0
        0x06400593, // li a1, 100
        0x00b50533, // add a0, a0, a1
        0xfff58593, // addi a1, a1, -1
        0xfe059ce3, // bnez a1, -8
        0x00020637, // lui a2, 0x20
        0x00a63023, // sd a0, 0(a2)
        0x7d50006f); // j out of the code
    assertThat(run()).isEmpty();
    assertThat(register(A0)).isEqualTo(5050);
    assertThat(lab.read(pid, DATA, 8)).startsWith(0xba, 0x13).endsWith(0, 0);
  }

  @Test
  void ecallMmap_entersTheSameHandlerAsTheCommand() {
    lab.laboratory()
        .ask(
            pid,
            (Kernel kernel, Process process) -> {
              kernel.continueAt(process, CODE);
              Hart hart = kernel.machine().hart();
              long[] arguments = {0, 2 * PAGE, RW, PRIVATE | ANONYMOUS, -1, 0};
              for (int i = 0; i < arguments.length; i++) {
                hart.setRegister(A0 + i, arguments[i]);
              }
              hart.setRegister(A7, 222);
              return hart;
            });
    program(0x00000073, 0x7fd0006f); // ecall, j out of the code
    assertThat(run()).isEmpty();
    assertThat(register(A0)).isEqualTo(0x3ff8000000L - 2 * PAGE);
    assertThat(lab.maps(pid)).contains("3ff7ffe000-3ff8000000 rw-p");
  }

  @Test
  void systemCallThatIsNotModelled_isEnosysUnderItsName() {
    program(0x1a900893, 0x00000073, 0x3e700893, 0x00000073, 0x7f10006f); // li a7, 425; ecall; 999
    assertThat(run()).isEmpty();
    assertThat(register(A0)).isEqualTo(-38);
    String trace = lab.laboratory().ask(pid, (kernel, process) -> process.trace().text());
    assertThat(trace)
        .containsPattern("(?m)^io_uring_setup\\(.*\\) = -1 ENOSYS$")
        .containsPattern("(?m)^syscall_999\\(.*\\) = -1 ENOSYS$");
  }

  @Test
  void illegalInstruction_isSigill() {
    program(0xffffffff);
    assertThat(run())
        .singleElement()
        .satisfies(signal -> {
          assertThat(signal.signal()).isEqualTo(Signal.SIGILL);
          assertThat(signal.address()).isEqualTo(CODE);
        });
  }

  @Test
  void breakpoint_isSigtrap() {
    program(0x00100073); // ebreak
    assertThat(run())
        .singleElement()
        .isEqualTo(new SignalInfo(Signal.SIGTRAP, Signal.Code.TRAP_BRKPT, CODE));
  }

  @Test
  void compressedAndFloatingPointInstructions_run() {
    program(
        0x45154501, // c.li a0, 0; c.li a0, 5
        0xd2250053, // fcvt.d.l f0, a0
        0xe2000553, // fmv.x.d a0, f0
        0x7f10006f); // j out of the code
    assertThat(run()).isEmpty();
    assertThat(register(A0)).isEqualTo(Double.doubleToRawLongBits(5.0));
  }

  @Test
  void storeToUnmappedMemory_isSigsegvAtItsAddress() {
    program(0x00030637, 0x00a63023); // lui a2, 0x30; sd a0, 0(a2)
    assertThat(run()).singleElement().extracting(SignalInfo::address).isEqualTo(0x3_0000L);
  }

  @Test
  void execute_fetchesWithoutExecuting() {
    program(0x00a63023);
    Outcome fetch = lab.run(new Command.Execute(pid, CODE));
    assertThat(fetch.signal()).isNull();
    assertThat(fetch.result()).isEqualTo(new Result.Instruction(0x00a63023));
  }
}
