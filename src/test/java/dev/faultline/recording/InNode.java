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

/** The browser's modules, run by Node. */
public final class InNode {
  private InNode() {}

  /**
   * Holds Java's seeks against playing on from the beginning, and Node's against both.
   *
   * @param folder for the file that Node reads
   */
  public static void checkSeeks(byte[] bytes, long seed, Path folder)
      throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("run.faultline"), bytes);
    Recording recording = Recording.open(Source.of(bytes));
    List<String> command = new ArrayList<>();
    command.addAll(List.of("src/test/js/play-recording.js", file.toString()));
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

  /** What Node prints with these arguments. */
  public static String output(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node"));
    command.addAll(arguments);
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
