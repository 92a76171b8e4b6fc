package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;

/**
 * Programs that use the clients, run as people run them.
 *
 * @param server where the clients find one unless they are told
 * @param folder what is compiled is put there
 */
record ClientScripts(String server, Path folder) {
  private static final Path PYTHON = Path.of("clients/python");
  private static final Path JAVA = Path.of("clients/java");
  private static final Path CHECKS = Path.of("src/test/clients");

  /** Runs one of the checks, or any other script; what it writes. */
  String python(String script, String... arguments) throws Exception {
    Path check = CHECKS.resolve(script);
    List<String> command = new ArrayList<>(List.of("python3", "-X", "dev", "-W", "error", "-B"));
    command.add(check.toFile().exists() ? check.toString() : script);
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** Compiles the client and one of the checks for the oldest JDK, without a warning; runs it. */
  String check(String check, String... arguments) throws Exception {
    List<String> compiler = new ArrayList<>(List.of("--release", "17", "-Xlint:all", "-Werror"));
    compiler.addAll(List.of("-encoding", "UTF-8", "-d", folder.toString()));
    compiler.add(JAVA.resolve("Faultline.java").toString());
    compiler.add(CHECKS.resolve(check + ".java").toString());
    String[] options = compiler.toArray(String[]::new);
    assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, options)).isZero();
    List<String> command = new ArrayList<>(List.of("-cp", folder.toString(), check));
    command.addAll(List.of(arguments));
    return java(command.toArray(String[]::new));
  }

  String java(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-Dfile.encoding=UTF-8"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** Runs a program that has to end well; what it writes. */
  private String run(List<String> command) throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("FAULTLINE_URL", server);
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
}
