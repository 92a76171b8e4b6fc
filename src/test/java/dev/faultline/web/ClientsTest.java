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
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The clients that people are given, and the notebooks, run as people run them. */
@Timeout(180)
class ClientsTest extends ApiTest {
  private static final Path PYTHON = Path.of("clients/python");
  private static final Path JAVA = Path.of("clients/java");
  private static final Path CHECKS = Path.of("src/test/clients");
  private static final long SEED = Long.getLong("faultline.seed", 7);

  @TempDir private Path folder;

  private String server() {
    return "http://127.0.0.1:" + api.port;
  }

  @Test
  void pythonClient_doesWhatItPromises() throws Exception {
    try (var proxy = new BreakingProxy(api.port, SEED)) {
      python(CHECKS.resolve("check.py").toString(), server(), proxy.url());
      assertThat(proxy.broken).hasPositiveValue();
    }
  }

  @Test
  void javaClient_doesWhatItPromises() throws Exception {
    List<String> compiler = new ArrayList<>(List.of("--release", "17", "-Xlint:all", "-Werror"));
    compiler.addAll(List.of("-encoding", "UTF-8", "-d", folder.toString()));
    compiler.add(JAVA.resolve("Faultline.java").toString());
    compiler.add(CHECKS.resolve("Check.java").toString());
    int code = ToolProvider.getSystemJavaCompiler().run(null, null, null, toArray(compiler));
    assertThat(code).isZero();
    try (var proxy = new BreakingProxy(api.port, SEED)) {
      run(java("-cp", folder.toString(), "Check", server(), proxy.url()));
      assertThat(proxy.broken).hasPositiveValue();
    }
  }

  @Test
  void javaExample_runsBesideTheClient() throws Exception {
    String output = run(java(JAVA.resolve("Example.java").toString(), server()));
    assertThat(output).contains("copy-on-write fault").contains("hello HELLO");
  }

  @Test
  void pythonExample_isThatOfTheReadme() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf("```python\n") + "```python\n".length();
    assertThat(start).isGreaterThan(100);
    Path script = folder.resolve("example.py");
    Files.writeString(script, readme.substring(start, readme.indexOf("```", start)));
    assertThat(python(script.toString())).contains("copy-on-write fault").contains("b'hello'");
  }

  @Test
  void notebooks_showWhatIsStoredInThem() throws Exception {
    String output = python(PYTHON.resolve("notebooks/check.py").toString());
    assertThat(output.lines().filter(line -> line.endsWith("as stored"))).hasSize(3);
  }

  private String python(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("python3", "-X", "dev", "-W", "error", "-B"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-Dfile.encoding=UTF-8"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a program that has to end well; what it writes. */
  private String run(List<String> command) throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("FAULTLINE_URL", server());
    builder.environment().put("PYTHONPATH", PYTHON.toAbsolutePath().toString());
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    Process process;
    try {
      process = builder.start();
    } catch (IOException exception) {
      throw Missing.thing(
          "no " + command.getFirst() + ": install Debian's package python3", exception);
    }
    String output;
    try (InputStream stream = process.getInputStream()) {
      output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private static String[] toArray(List<String> list) {
    return list.toArray(String[]::new);
  }
}
