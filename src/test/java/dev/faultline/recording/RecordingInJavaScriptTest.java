package dev.faultline.recording;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The browser's modules seek in the same file as Java does, and come to the same state. */
@Execution(ExecutionMode.CONCURRENT)
class RecordingInJavaScriptTest {
  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void seekAtAnyMoment_hasTheSameHashInBothLanguages(Scenario scenario)
      throws IOException, InterruptedException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("RecordingInJavaScriptTest: -Dfaultline.seed=" + seed);
    InNode.checkSeeks(scenario.record(seed), seed, directory);
  }
}
