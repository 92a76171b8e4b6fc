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

/** The browser's modules have tests and types of their own, which Node runs and checks. */
class ScriptsTest {
  private static final Path TESTS = Path.of("src/test/js");
  private static final Path TYPESCRIPT = Path.of("target/tools/typescript");

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
    assertRuns(command);
  }

  /** JSDoc says which types there are; TypeScript's compiler, told to write nothing, holds it. */
  @Test
  void modules_agreeInTheirTypes() throws IOException, InterruptedException {
    if (!Files.exists(TYPESCRIPT)) {
      throw Missing.thing("no TypeScript; bring it with: mvn dependency:unpack@typescript", null);
    }
    try (var files = Files.walk(TYPESCRIPT)) {
      Path compiler = files.filter(file -> file.endsWith("tsc.js")).findFirst().orElseThrow();
      assertRuns(List.of("node", compiler.toString(), "--project", TESTS.toString()));
    }
  }

  private static void assertRuns(List<String> command) throws IOException, InterruptedException {
    Process node = start(command);
    String output;
    try (InputStream stream = node.getInputStream()) {
      output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(node.waitFor(120, TimeUnit.SECONDS)).isTrue();
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
