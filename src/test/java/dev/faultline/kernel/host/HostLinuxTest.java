package dev.faultline.kernel.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs run here and on the Linux that this test runs on; in CI ten times as many. {@code
 * -Dfaultline.seed} repeats a run, {@code -Dfaultline.host.operations} sets its length.
 */
@Execution(ExecutionMode.CONCURRENT)
class HostLinuxTest {
  private static final int OPERATIONS =
      Integer.getInteger(
          "faultline.host.operations", "true".equals(System.getenv("CI")) ? 200_000 : 20_000);

  /** Operations of a long run between its signs of life. */
  private static final int PROGRESS = 100_000;

  private static final @Nullable String RECORDING = System.getProperty("faultline.host.recording");
  private static final List<Recording.Program> RECORDED = new ArrayList<>();

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @TempDir Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void randomPrograms_agreeWithTheHostsKernel(FileSystem fileSystem) throws IOException {
    System.out.printf("HostLinuxTest, files %s: -Dfaultline.seed=%d%n", fileSystem, seed);
    var seeds = new Random(seed);
    try (var programs = new Programs(directory, fileSystem, RECORDING == null ? null : RECORDED)) {
      for (int done = 0; done < OPERATIONS / 2; done += Programs.OPERATIONS) {
        String difference = programs.runRandom(seeds.nextLong());
        if (difference != null) {
          fail("-Dfaultline.seed=%d, after %d operations:%n%s", seed, done, difference);
        }
        if (done > 0 && done % PROGRESS == 0) {
          System.out.printf("%,d operations agreed%n", done);
        }
      }
      System.out.printf("%d differences did not repeat%n", programs.unrepeated());
    }
    if (RECORDING != null) {
      Recording.write(Path.of(RECORDING), RECORDED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void programsThatOnceDiffered_agreeWithTheHostsKernel(FileSystem fileSystem) throws IOException {
    try (InputStream corpus =
            Objects.requireNonNull(getClass().getResourceAsStream("/host/corpus.txt"));
        var programs = new Programs(directory, fileSystem, null)) {
      for (String text : new String(corpus.readAllBytes(), US_ASCII).split("\n\n")) {
        List<Operation> program = Operation.parseAll(text.lines().toList());
        assertThat(programs.run(program)).as(text).isNull();
      }
    }
  }
}
