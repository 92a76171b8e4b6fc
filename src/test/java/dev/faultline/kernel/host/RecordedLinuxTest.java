package dev.faultline.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Programs whose answers were recorded from a real kernel get the same here, on any machine. {@code
 * RECORDING=src/test/resources/host/recording.txt.gz scripts/compare-with-linux 30000} records.
 */
@Execution(ExecutionMode.CONCURRENT)
class RecordedLinuxTest {
  @Test
  void recordedPrograms_getLinuxsAnswers() throws IOException {
    int programs = 0;
    try (InputStream recorded =
        Objects.requireNonNull(getClass().getResourceAsStream("/host/recording.txt.gz"))) {
      for (Recording.Program program : Recording.read(recorded)) {
        replay(program, "program " + programs++);
      }
    }
    assertThat(programs).isPositive();
  }

  private static void replay(Recording.Program program, String as) {
    FileSystem fileSystem = program.fileSystem();
    var lab = new LabSide(fileSystem);
    for (Recording.Step step : program.steps()) {
      Operation operation = step.operation();
      Answer answer = lab.perform(operation);
      assertThat(Recording.kept(operation, answer, fileSystem))
          .as("%s: %s", as, operation)
          .isEqualTo(step.answer());
      int memory = 0;
      for (int process : lab.living()) {
        memory = Recording.kept(memory, lab.snapshot(process), fileSystem);
      }
      assertThat(memory)
          .as(
              "%s: memory after %s, which is%n%s",
              as, operation, lab.snapshot(lab.living().first()))
          .isEqualTo(step.memory());
    }
  }
}
