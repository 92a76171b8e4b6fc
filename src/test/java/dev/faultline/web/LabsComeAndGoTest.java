package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.lab.DataDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Laboratories are opened, used, watched and ended: no thread, file or memory is left. {@code
 * -Dfaultline.labs=10000} opens so many.
 */
@Timeout(1200)
@Isolated("what it measures is the whole JVM's")
class LabsComeAndGoTest extends ApiTest {
  private static final int LABS = Integer.getInteger("faultline.labs", 100);
  private static final int FIRST = 30;
  private static final long MOST_BYTES_LEFT = 16L << 20;
  private static final int MOST_THREADS_LEFT = 8;

  @Autowired private DataDirectory data;
  @Autowired private Streams streams;

  @Test
  void labsThatHaveEnded_leaveNothing() throws Exception {
    comeAndGo(FIRST); // classes are loaded and pools filled
    JsonNode others = api.get("/labs").json();
    int followers = streams.followers().size();
    long files = files();
    long bytes = usedBytes();
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    comeAndGo(LABS);
    long bytesLeft = usedBytes() - bytes;
    int threadsLeft = ManagementFactory.getThreadMXBean().getThreadCount() - threads;
    System.out.printf(
        "LabsComeAndGoTest: %,d laboratories left %,d bytes, %d threads, %d files%n",
        LABS, bytesLeft, threadsLeft, files() - files);
    assertThat(files()).isEqualTo(files);
    assertThat(api.get("/labs").json()).hasSameSizeAs(others);
    assertThat(streams.followers()).hasSize(followers);
    assertThat(threadsLeft).as("threads").isLessThanOrEqualTo(MOST_THREADS_LEFT);
    assertThat(bytesLeft).as("bytes").isLessThan(MOST_BYTES_LEFT);
  }

  private void comeAndGo(int labs) throws Exception {
    for (int i = 0; i < labs; i++) {
      var lab = new TestLab(api, api.post("/labs", "{}").is(201).json().get("id").asString());
      lab.write(lab.spawn(), lab.map(1, 4), "x");
      if (i % 10 == 0) {
        InputStream events = api.stream(lab.at("/events?after=0")).body();
        assertThat(events.read()).isPositive();
        api.delete(lab.at("")).is(204);
        events.readAllBytes(); // up to the end of the laboratory
      } else {
        api.delete(lab.at("")).is(204);
      }
    }
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.walk(data.root())) {
      return all.count();
    }
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
