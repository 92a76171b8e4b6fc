package dev.faultline.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The browser's modules seek in the same file as Java does, and come to the same state. */
class RecordingInJavaScriptTest {
  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource
  void seekAtAnyMoment_hasTheSameHashInBothLanguages(Scenario scenario)
      throws IOException, InterruptedException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("RecordingInJavaScriptTest: -Dfaultline.seed=" + seed);
    byte[] bytes = scenario.record(seed);
    Path file = Files.write(directory.resolve("run.faultline"), bytes);
    Recording recording = Recording.open(Source.of(bytes));
    List<String> command = new ArrayList<>();
    command.addAll(List.of("node", "src/test/js/play-recording.js", file.toString()));
    var expected = new StringBuilder();
    for (long moment : Scenario.moments(recording, new Random(seed))) {
      String hash = recording.player(moment).hash();
      command.add(Long.toString(moment));
      expected.append("%d %s %s%n".formatted(moment, hash, hash));
    }
    Player playing = recording.player(recording.firstMoment());
    for (long moment : new TreeSet<>(Scenario.moments(recording, new Random(seed)))) {
      while (playing.sequence() < moment) {
        playing.next();
      }
      assertThat(expected).contains("%d %s ".formatted(moment, playing.hash()));
    }
    assertThat(output(command)).isEqualTo(expected.toString());
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    Process node;
    try {
      node = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException exception) {
      throw Missing.thing("no node: install Debian's package nodejs (18 or newer)", exception);
    }
    String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(node.waitFor()).as(output).isZero();
    return output;
  }
}
