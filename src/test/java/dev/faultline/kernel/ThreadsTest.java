package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.lab.Command;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Programs of several threads, on a C library that makes them as on Linux. */
class ThreadsTest {
  private final TestLab lab = TestLab.lazy();

  private int start(String name) {
    lab.run(new Command.PutFile("/bin/" + name, 0755, Programs.file(name)));
    var start = new Command.Start("/bin/" + name, List.of(name), List.of(), null);
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
    assertThat(text(pid))
        .as(() -> end + trace(pid))
        .isEqualTo(
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
            """);
    assertThat(end.reason()).isEqualTo(Reason.EXIT);
  }
}
