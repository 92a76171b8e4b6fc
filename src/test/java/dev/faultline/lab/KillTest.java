package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A server killed in the middle of its work loses nothing that it has answered. {@code
 * -Dfaultline.kills} says how often.
 */
@Execution(ExecutionMode.CONCURRENT)
class KillTest {
  private static final int KILLS = Integer.getInteger("faultline.kills", 6);

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  @TempDir private Path directory = Path.of("");

  @Test
  void answeredCommands_areThereAfterKill9() throws IOException, InterruptedException {
    System.out.println("KillTest: -Dfaultline.seed=" + seed);
    for (int kill = 0; kill < KILLS; kill++) {
      String lab = "";
      long answered = 0;
      Process server = start(random.nextLong());
      try (BufferedReader said =
          new BufferedReader(
              new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
        String first = said.readLine();
        while (first != null && !first.startsWith("open ")) {
          first = said.readLine();
        }
        assertThat(first).as("kill %d", kill).isNotNull();
        lab = String.valueOf(first).substring("open ".length());
        Thread killer = killAfter(server, random.nextInt(400));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
          answered = line.matches("\\d+") ? Math.max(answered, Long.parseLong(line)) : answered;
        }
        killer.join();
      }
      assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
      checkRebuilt(lab, answered, kill);
    }
  }

  private static Thread killAfter(Process server, int millis) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            Thread.sleep(millis);
          } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
          }
          server.toHandle().destroyForcibly(); // leaves what it said to be read
        });
  }

  private void checkRebuilt(String id, long answered, int kill) {
    try (DataDirectory data = DataDirectory.open(directory)) {
      var laboratories = new Laboratories(Limits.DEFAULT, "test", data);
      Laboratory lab = laboratories.get(id);
      System.out.printf("kill %d: %d answered, %d there%n", kill, answered, lab.log().head());
      assertThat(lab.log().head()).as("seed %d", seed).isGreaterThanOrEqualTo(answered);
      assertThat(lab.audit().violations()).isEmpty();
      assertThat(lab.recording().lastMoment()).isEqualTo(lab.log().head());
      laboratories.end(id);
      laboratories.close();
    }
  }

  private Process start(long runSeed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            KilledServer.class.getName(),
            directory.toString(),
            Long.toString(runSeed))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
