package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The clients that people are given, and the notebooks, run as people run them. */
@Timeout(180)
class ClientsTest extends ApiTest {
  private static final long SEED = Long.getLong("faultline.seed", 7);

  @TempDir private Path folder;

  private String server() {
    return "http://127.0.0.1:" + api.port;
  }

  private ClientScripts scripts() {
    return new ClientScripts(server(), folder);
  }

  @Test
  void pythonClient_doesWhatItPromises() throws Exception {
    try (var proxy = new BreakingProxy(api.port, SEED)) {
      scripts().python("check.py", server(), proxy.url());
      assertThat(proxy.broken).hasPositiveValue();
    }
  }

  @Test
  void javaClient_doesWhatItPromises() throws Exception {
    try (var proxy = new BreakingProxy(api.port, SEED)) {
      scripts().check("Check", server(), proxy.url());
      assertThat(proxy.broken).hasPositiveValue();
    }
  }

  @Test
  void javaExample_runsBesideTheClient() throws Exception {
    String output = scripts().java("clients/java/Example.java", server());
    assertThat(output).contains("copy-on-write fault").contains("hello HELLO");
  }

  @Test
  void pythonExample_isThatOfTheReadme() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf("```python\n") + "```python\n".length();
    assertThat(start).isGreaterThan(100);
    Path script = folder.resolve("example.py");
    Files.writeString(script, readme.substring(start, readme.indexOf("```", start)));
    assertThat(scripts().python(script.toString()))
        .contains("copy-on-write fault")
        .contains("b'hello'");
  }

  @Test
  void notebooks_showWhatIsStoredInThem() throws Exception {
    String output = scripts().python("clients/python/notebooks/check.py");
    assertThat(output.lines().filter(line -> line.endsWith("as stored"))).hasSize(3);
  }
}
