package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The browser's modules have tests of their own, which Node runs. */
class ScriptsTest {
  private static final Path TESTS = Path.of("src/test/js");

  @Test
  void modules_passTheirOwnTests() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", "--test"));
    try (var files = Files.list(TESTS)) {
      files
          .map(Path::toString)
          .filter(name -> name.endsWith(".test.js"))
          .sorted()
          .forEach(command::add);
    }
    assertThat(command.size()).isGreaterThan(2);
    Process node = start(command);
    String output;
    try (InputStream stream = node.getInputStream()) {
      output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(node.exitValue()).as(output).isZero();
  }

  private static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException exception) {
      throw Missing.thing("no node: install Debian's package nodejs (18 or newer)", exception);
    }
  }
}
