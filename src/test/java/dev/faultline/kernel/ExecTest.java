package dev.faultline.kernel;

import static dev.faultline.lab.TestLab.assertErrno;
import static dev.faultline.lab.TestLab.assertSignal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.abi.Rlimit;
import dev.faultline.kernel.mm.Rlimits;
import dev.faultline.kernel.process.Process;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import dev.faultline.log.Signal;
import dev.faultline.log.StepKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that are loaded by {@code exec} and run in U-mode. */
class ExecTest {
  private static final long STACK_TOP = 0x40_0000_0000L;

  /** What the kernel maps into a program first: two pages of data and one of code. */
  private static final long VDSO = 3 * TestLab.PAGE;

  private final TestLab lab = TestLab.lazy();

  private void putProgram(String name) {
    put("/bin/" + name, Programs.file(name));
  }

  private void put(String path, byte[] bytes) {
    lab.run(new Command.PutFile(path, 0755, bytes));
  }

  private Outcome tryStart(String path, String... arguments) {
    return lab.run(new Command.Start(path, List.of(arguments), List.of("A=1", "B=2"), null));
  }

  private int start(String path, String... arguments) {
    return ((Result.Pid) result(tryStart(path, arguments))).pid();
  }

  private static Result result(Outcome outcome) {
    return Objects.requireNonNull(outcome.result(), outcome::story);
  }

  private RunEnd run(int pid) {
    return ((Result.Ran) result(tryRun(pid))).end();
  }

  private Outcome tryRun(int pid) {
    return lab.run(new Command.Run(pid, 20_000_000, Reason.EXIT, null));
  }

  private byte[] output(int pid) {
    return lab.laboratory()
        .askOfAny(pid, process -> Objects.requireNonNull(process.console()).output());
  }

  private String text(int pid) {
    return new String(output(pid), StandardCharsets.UTF_8);
  }

  @Test
  void program_runsToItsExitAndItsOutputIsKept() {
    putProgram("hello");
    int pid = start("/bin/hello", "hello", "world");
    RunEnd end = run(pid);
    assertThat(end.reason()).isEqualTo(Reason.EXIT);
    assertThat(end.status()).isEqualTo(2);
    assertThat(text(pid)).isEqualTo("hello\n");
    String trace = lab.laboratory().askOfAny(pid, process -> process.trace().text());
    assertThat(trace).startsWith("write(1, 0x").contains(", 6) = 6\nexit_group(2) = ?\n");
  }

  @Test
  void newProgram_liesWhereLinuxPutsIt() {
    putProgram("stack");
    int pid = start("/bin/stack", "stack");
    assertThat(lab.maps(pid))
        .contains("3ffffdf000-4000000000 rw-p 00000000 00:00 0", "[stack]", "/bin/stack");
    long heap = lab.laboratory().ask(pid, (kernel, process) -> process.space().brk());
    assertThat(heap % 4096).isZero();
    assertThat(lab.maps(pid)).contains("-%08x rw-p".formatted(heap));
  }

  @Test
  void stack_hasArgumentsEnvironmentAndAuxvInLinuxOrder() {
    putProgram("stack");
    int pid = start("/bin/stack", "one", "two");
    assertThat(run(pid).status()).isZero();
    byte[] bytes = output(pid);
    long sp = STACK_TOP - bytes.length;
    ByteBuffer stack = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(sp % 16).isZero();
    assertThat(stack.getLong()).isEqualTo(2);
    assertThat(string(bytes, sp, stack.getLong())).isEqualTo("one");
    assertThat(string(bytes, sp, stack.getLong())).isEqualTo("two");
    assertThat(stack.getLong()).isZero();
    assertThat(string(bytes, sp, stack.getLong())).isEqualTo("A=1");
    assertThat(string(bytes, sp, stack.getLong())).isEqualTo("B=2");
    assertThat(stack.getLong()).isZero();
    List<Long> types = new ArrayList<>();
    long name = 0;
    for (long type = -1; type != 0; ) {
      type = stack.getLong();
      long value = stack.getLong();
      types.add(type);
      name = type == 31 ? value : name;
    }
    assertThat(types)
        .containsExactly(
            16L, 6L, 17L, 3L, 4L, 5L, 7L, 8L, 9L, 11L, 12L, 13L, 14L, 23L, 25L, 31L, 0L);
    assertThat(string(bytes, sp, name)).isEqualTo("/bin/stack");
    assertThat(name).isEqualTo(STACK_TOP - 8 - "/bin/stack".length() - 1);
  }

  private static String string(byte[] stack, long sp, long address) {
    int from = (int) (address - sp);
    int end = from;
    while (stack[end] != 0) {
      end++;
    }
    return new String(stack, from, end - from, StandardCharsets.UTF_8);
  }

  @Test
  void partialPageOfBss_isACopyOfItsOwn() {
    putProgram("stack");
    Outcome loaded = tryStart("/bin/stack", "stack");
    assertThat(lab.steps(loaded))
        .contains(StepKind.LOADS_PROGRAM, StepKind.COPY_ON_WRITE, StepKind.FILLS_STACK);
  }

  @Test
  void script_runsItsInterpreterWithItsArgument() {
    putProgram("stack");
    put("/bin/script", "#! /bin/stack  -x y \nno program\n".getBytes(StandardCharsets.UTF_8));
    int pid = start("/bin/script", "script", "last");
    run(pid);
    byte[] bytes = output(pid);
    ByteBuffer stack = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(stack.getLong()).isEqualTo(4);
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      arguments.add(string(bytes, STACK_TOP - bytes.length, stack.getLong()));
    }
    assertThat(arguments).containsExactly("/bin/stack", "-x y", "/bin/script", "last");
  }

  @Test
  void scriptThatNamesItself_isEloop() {
    put("/bin/self", "#!/bin/self\n".getBytes(StandardCharsets.UTF_8));
    assertErrno(tryStart("/bin/self", "self"), Errno.ELOOP);
  }

  @Test
  void missingProgram_isEnoent() {
    assertErrno(tryStart("/bin/none", "none"), Errno.ENOENT);
    assertErrno(tryStart("/", "none"), Errno.EACCES);
    lab.put("/bin/plain", Programs.file("hello"));
    assertErrno(tryStart("/bin/plain", "plain"), Errno.EACCES);
    assertThat(lab.laboratory().<Integer>ask(kernel -> kernel.processes().alive())).isZero();
  }

  /** Offsets into the ELF header, the bytes that go there, and what Linux answers. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, ENOEXEC", // magic
    "4, 1, ENOEXEC", // 32 bits
    "5, 2, ENOEXEC", // big-endian
    "16, 1, ENOEXEC", // relocatable
    "18, 62, ENOEXEC", // x86-64
    "54, 32, ENOEXEC", // size of a program header
    "56, 0, ENOEXEC", // no program headers
    "39, 64, EIO", // program headers far away
  })
  void damagedHeader_isRefused(int offset, int value, Errno errno) {
    byte[] bytes = Programs.file("hello");
    bytes[offset] = (byte) value;
    put("/bin/bad", bytes);
    int frames = lab.freeFrames();
    assertErrno(tryStart("/bin/bad", "bad"), errno);
    assertThat(lab.freeFrames()).isBetween(frames - 2, frames);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 63, 100})
  void truncatedFile_isRefused(int length) {
    put("/bin/short", Arrays.copyOf(Programs.file("hello"), length));
    assertThat(tryStart("/bin/short", "short").errno()).isIn(Errno.ENOEXEC, Errno.EIO);
  }

  @Test
  void execInAProcess_replacesItsProgramAndKeepsItsNumber() {
    putProgram("hello");
    putProgram("stack");
    int pid = start("/bin/stack", "stack");
    int frames = lab.freeFrames();
    Command exec = new Command.Exec(pid, "/bin/hello", List.of("hello"), List.of(), null);
    assertThat(result(lab.run(exec))).isEqualTo(new Result.Pid(pid));
    assertThat(lab.freeFrames()).isGreaterThanOrEqualTo(frames);
    assertThat(run(pid).status()).isEqualTo(1);
    assertThat(text(pid)).isEqualTo("hello\n");
  }

  @Test
  void exec_keepsTheLimits() {
    putProgram("hello");
    int pid = start("/bin/hello", "hello");
    var wanted = new Rlimits.Pair(1 << 20, 2 << 20);
    lab.run(new Command.Prlimit(pid, Rlimit.DATA, wanted));
    lab.run(new Command.Exec(pid, "/bin/hello", List.of("hello"), List.of(), null));
    assertThat(lab.run(new Command.Prlimit(pid, Rlimit.DATA, null)).result())
        .isEqualTo(new Result.Limits(wanted));
  }

  /** {@code mmap_base} of Linux: the stack's limit and the guard gap, within bounds. */
  @ParameterizedTest
  @CsvSource({
    "0x800000, 0x3ff8000000",
    "0x10000000, 0x3feff00000",
    "0x10000800, 0x3feff00000",
    "0x7fffffffffffffff, 0xaaaaab000",
    "-1, 0x1555556000",
  })
  void mappings_areLaidOutByTheStacksLimitAtExec(String limit, String base) {
    putProgram("hello");
    int pid = start("/bin/hello", "hello");
    var wanted = new Rlimits.Pair(Long.decode(limit), Rlimit.INFINITY);
    lab.run(new Command.Prlimit(pid, Rlimit.STACK, wanted));
    int flags = TestLab.PRIVATE | TestLab.ANONYMOUS;
    long before = lab.mmap(pid, TestLab.PAGE, TestLab.RW, flags, -1);
    assertThat(before).isEqualTo(0x3f_f800_0000L - VDSO - TestLab.PAGE);
    lab.run(new Command.Exec(pid, "/bin/hello", List.of("hello"), List.of(), null));
    long address = lab.mmap(lab.fork(pid), TestLab.PAGE, TestLab.RW, flags, -1);
    boolean upwards = wanted.soft() == Rlimit.INFINITY;
    assertThat(upwards ? address - VDSO : address + TestLab.PAGE + VDSO)
        .isEqualTo(Long.decode(base));
  }

  @Test
  void refusedExec_leavesTheProgramAsItWas() {
    putProgram("hello");
    int pid = start("/bin/hello", "hello");
    String maps = lab.maps(pid);
    assertErrno(
        lab.run(new Command.Exec(pid, "/bin/none", List.of(), List.of(), null)), Errno.ENOENT);
    assertThat(lab.maps(pid)).isEqualTo(maps);
    assertThat(run(pid).status()).isEqualTo(1);
  }

  @Test
  void childWritesAndParentWaits_inTurns() {
    putProgram("family");
    int pid = start("/bin/family", "family");
    assertThat(run(pid).status()).isEqualTo(3);
    assertThat(text(pid)).isEqualTo("child\n");
  }

  @Test
  void handlerOfSigsegv_mendsTheFaultItself() {
    putProgram("handler");
    int pid = start("/bin/handler", "handler");
    assertThat(run(pid).status()).isEqualTo(42);
  }

  @Test
  void programsSignal_killsItAndIsReported() {
    putProgram("bomb");
    int pid = start("/bin/bomb", "bomb"); // calls itself until the stack's limit
    Outcome outcome = tryRun(pid);
    var signal = Objects.requireNonNull(outcome.signal(), outcome::story);
    assertSignal(outcome, "SIGSEGV SEGV_MAPERR", signal.address());
    assertThat(signal.address()).isBetween(STACK_TOP - (8 << 20) - 4096, STACK_TOP - (8 << 20));
    assertThat(((Result.Ran) result(outcome)).end().status()).isEqualTo(128 + 11);
  }

  @Test
  void killedProgram_endsWithTheSignal() {
    putProgram("bomb");
    int pid = start("/bin/bomb", "bomb", "1", "2"); // writes without end
    lab.run(new Command.Run(pid, 10_000, Reason.EXIT, null));
    lab.run(new Command.Kill(pid, Signal.SIGTERM));
    RunEnd killed = ((Result.Ran) result(tryRun(pid))).end();
    assertThat(killed).isEqualTo(new RunEnd(Reason.EXIT, 128 + 15, 0));
    assertThat(output(pid).length).isBetween(1 << 20, 2 << 20);
  }

  @Test
  void forksWithoutEnd_areRefusedAtTheLimitAndOthersLive() {
    putProgram("bomb");
    putProgram("hello");
    int bomb = start("/bin/bomb", "bomb", "1");
    lab.laboratory().execute(new Command.Run(bomb, 2_000, Reason.EXIT, null));
    List<Integer> alive =
        lab.laboratory()
            .ask(kernel ->
                kernel.processes().all().stream()
                    .filter(Process::isAlive)
                    .map(Process::pid)
                    .toList());
    assertThat(alive).hasSizeBetween(2, 256);
    alive.forEach(pid -> lab.laboratory().execute(new Command.Kill(pid, Signal.SIGKILL)));
    assertThat(run(start("/bin/hello", "hello")).status()).isEqualTo(1);
  }

  @Test
  void memoryWithoutEnd_isRefusedAndGivenBack() {
    putProgram("bomb");
    int frames = lab.freeFrames();
    int pid = start("/bin/bomb", "bomb", "1", "2", "3");
    Outcome outcome = lab.laboratory().execute(new Command.Run(pid, 200_000, Reason.EXIT, null));
    assertThat(((Result.Ran) result(outcome)).end().reason())
        .isIn(Reason.EXIT, Reason.INSTRUCTIONS);
    lab.run(new Command.Spawn("next"));
    if (((Result.Ran) result(outcome)).end().reason() != Reason.EXIT) {
      lab.run(new Command.Kill(pid, Signal.SIGKILL));
    }
    assertThat(lab.freeFrames()).isGreaterThan(frames - 16);
  }

  @Test
  void filesWithoutEnd_reachTheLimitOfTheLaboratory() {
    putProgram("bomb");
    int pid = start("/bin/bomb", "bomb", "1", "2", "3", "4");
    assertThat(run(pid).status()).isEqualTo(Errno.ENOSPC.number());
  }

  @Test
  void sameCommands_giveTheSameLog() {
    Consumer<TestLab> session =
        in -> {
          in.run(new Command.PutFile("/bin/family", 0755, Programs.file("family")));
          in.run(new Command.Start("/bin/family", List.of("family"), List.of(), null));
          in.run(new Command.RunAll(1_000_000, Reason.EXIT));
        };
    TestLab other = TestLab.lazy();
    session.accept(lab);
    session.accept(other);
    assertThat(other.records()).isEqualTo(lab.records());
  }
}
