package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Debian;
import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.lab.Command;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Format;
import dev.faultline.log.Rows;
import dev.faultline.log.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of several threads, on a C library that makes them as on Linux. */
class ThreadsTest {
  /** What the source of these programs prints on the host's Linux. */
  private static final String THREADS =
      """
      mutex 8028, thread-local 8084, own 7
      condition 300
      detached
      fork from a thread 5, untouched 300
      signal 10 in its thread 1
      signal for whoever does not block it 1
      destructors 6
      cancelled 1
      barrier 1
      timed out 1
      owner died 1
      """;

  private final TestLab lab = TestLab.lazy();

  private int start(String name) {
    String path = "/bin/" + name;
    lab.run(new Command.PutFile(path, 0755, Programs.file(name)));
    var start = new Command.Start(path, List.of(path), List.of(), null);
    return ((Result.Pid) Objects.requireNonNull(lab.run(start).result())).pid();
  }

  private RunEnd run(int pid) {
    var outcome = lab.run(new Command.Run(pid, 50_000_000, Reason.EXIT, null));
    return ((Result.Ran) Objects.requireNonNull(outcome.result(), outcome::story)).end();
  }

  private String text(int pid) {
    return lab.laboratory()
        .askOfAny(
            pid,
            process ->
                new String(
                    Objects.requireNonNull(process.console()).output(), StandardCharsets.UTF_8));
  }

  private String trace(int pid) {
    return lab.laboratory().askOfAny(pid, process -> process.trace().text());
  }

  @Test
  void threadsOfMusl_doWhatTheyDoOnLinux() {
    int pid = start("threads");
    RunEnd end = run(pid);
    assertThat(text(pid)).as(() -> end + trace(pid)).isEqualTo(THREADS);
    assertThat(end.reason()).isEqualTo(Reason.EXIT);
  }

  @Test
  void threadsOfGlibc_doTheSame() throws IOException {
    putLibrary("/lib/", "ld-linux-riscv64-lp64d.so.1", "libc6");
    putLibrary("/lib/riscv64-linux-gnu/", "libc.so.6", "libc6");
    putLibrary("/lib/riscv64-linux-gnu/", "libgcc_s.so.1", "libgcc-s1");
    int pid = start("threads-glibc");
    RunEnd end = run(pid);
    assertThat(text(pid)).as(() -> end + trace(pid)).isEqualTo(THREADS);
    assertThat(trace(pid)).contains("clone3(").contains("rseq(");
  }

  private void putLibrary(String directory, String name, String packageName) throws IOException {
    Path file = Debian.file(packageName, "usr/lib/riscv64-linux-gnu/" + name);
    lab.run(new Command.PutFile(directory + name, 0755, Files.readAllBytes(file)));
  }

  @Test
  void restartableSequences_loseNothingWhenATurnEndsInOne() {
    int pid = start("sequence");
    assertThat(run(pid).reason()).isEqualTo(Reason.EXIT);
    assertThat(text(pid)).isEqualTo("registered 1, total 600, restarted 1\n");
  }

  /** What the same source printed on the host's Linux. */
  @Test
  void processesGroupsSignalsAndTimers_areLinuxOwn() {
    int pid = start("processes");
    RunEnd end = run(pid);
    assertThat(text(pid))
        .as(() -> end + trace(pid))
        .isEqualTo(
            """
            vfork shares: 42, status 1
            clone with CLONE_VM shares: 77, status 3
            a child without a signal: -1 1, with __WALL 1
            spawned: one thread, its number is the process's: 1
            posix_spawn 0, of nothing 2
            stopped 1 by 19
            continued 1
            waitid: code 2 status 15
            still there 1
            then not 1
            session 1 group 1
            the group got 10
            an orphan is ours: 1, status 8
            nobody to wait for: 1
            alarms 3 code 128
            an alarm while it runs
            sleep is cut: -1 1, rest 1
            read restarts: 1 after 1
            read is cut: 1
            took 12 value 1
            took 1000 value 1
            took 1000 value 2
            took -1 value 1
            sigsuspend -1 1, blocked again 1
            timer 2 value 99 code -2
            name a name longer t
            used time 1
            users 0 0
            no way back 5
            again: one thread, its number is the process's: 1
            """);
    assertThat(end).extracting(RunEnd::reason, RunEnd::status).containsExactly(Reason.EXIT, 0);
  }

  @Test
  void deadlockedProgram_isBlockedAndItsThreadsSleep() {
    int pid = start("deadlock");
    assertThat(run(pid).reason()).isEqualTo(Reason.BLOCKED);
    Rows threads = lab.state().rows(Table.THREAD);
    assertThat(threads.size()).isEqualTo(1);
    assertThat(threads.get(pid + 1, Table.Thread.PID)).isEqualTo(pid);
    assertThat(Format.PROCESS_STATE.symbols())
        .element((int) threads.get(pid + 1, Table.Thread.STATE))
        .isEqualTo("sleeping");
  }

  @Test
  void threadsWithoutEnd_reachTheLimitOfTheLaboratory() {
    int pid = start("threadbomb");
    assertThat(run(pid).reason()).isEqualTo(Reason.EXIT);
    assertThat(text(pid)).isEqualTo("256 threads, then 1\n");
    int alive = lab.laboratory().ask(kernel -> kernel.processes().alive());
    assertThat(alive).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"threads", "processes"})
  void sameProgramTwice_givesTheSameLog(String name) {
    run(start(name));
    var other = new ThreadsTest();
    other.run(other.start(name));
    assertThat(other.lab.records()).isEqualTo(lab.records());
  }
}
