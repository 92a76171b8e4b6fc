package dev.faultline.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import dev.faultline.log.ChangeLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The browser's modules seek in the same file as Java does, and come to the same state. */
class RecordingInJavaScriptTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void seekAtAnyMoment_hasTheSameHashInBothLanguages() throws IOException, InterruptedException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("RecordingInJavaScriptTest: -Dfaultline.seed=" + seed);
    ChangeLog log = RecordedRuns.randomRun(seed, 4_000).log();
    byte[] bytes = RecordedRuns.record(log);
    Path file = Files.write(directory.resolve("run.faultline"), bytes);
    Recording recording = Recording.open(Source.of(bytes));
    var random = new Random(seed);
    var moments = new TreeSet<Long>(List.of(0L, log.head()));
    for (SegmentInfo segment : recording.segments()) {
      moments.addAll(
          List.of(
              segment.first() - 1,
              segment.first(),
              segment.first() + 1,
              segment.last() - 1,
              segment.last()));
    }
    for (int i = 0; i < 40; i++) {
      moments.add((long) random.nextInt((int) log.head() + 1));
    }
    moments.removeIf(moment -> moment > log.head());
    var shuffled = new ArrayList<>(moments);
    Collections.shuffle(shuffled, random);
    List<String> command = new ArrayList<>();
    command.addAll(List.of("node", "src/test/js/play-recording.js", file.toString()));
    var expected = new StringBuilder();
    for (long moment : shuffled) {
      String hash = recording.player(moment).hash();
      command.add(Long.toString(moment));
      expected.append("%d %s %s%n".formatted(moment, hash, hash));
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
