package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.recording.Recording;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing of a JVM is in a recording: no clock, no address, no order of a hash. */
class TwoRunsTest {
  private static final int MAGIC_BYTES = 8;
  private static final int HEAD_BYTES = 16;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  @TempDir private Path directory = Path.of("");

  @Test
  void sameSeedAndCommandsInTwoJvms_giveTheSameFileButForItsTime()
      throws IOException, InterruptedException {
    System.out.println("TwoRunsTest: -Dfaultline.seed=" + seed);
    byte[] one = recorded("one", List.of("-XX:TieredStopAtLevel=1"));
    byte[] other = recorded("other", List.of("-Xint", "-XX:hashCode=3"));
    assertThat(withoutTime(other)).isEqualTo(withoutTime(one));
    assertThat(entries(other)).isEqualTo(entries(one));
  }

  private static Map<String, Object> withoutTime(byte[] bytes) throws IOException {
    Map<String, Object> header = Recording.open(Source.of(bytes)).header().describe();
    assertThat(header.remove("created")).isNotNull();
    return header;
  }

  /** From the first entry behind the header to the index, which counts bytes from the beginning. */
  private static byte[] entries(byte[] bytes) throws IOException {
    int length =
        ByteBuffer.wrap(bytes, MAGIC_BYTES, Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
    int end = (int) Recording.open(Source.of(bytes)).end();
    return Arrays.copyOfRange(bytes, MAGIC_BYTES + HEAD_BYTES + length, end);
  }

  private byte[] recorded(String name, List<String> flags)
      throws IOException, InterruptedException {
    Path data = directory.resolve(name);
    var command = new java.util.ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UnlockExperimentalVMOptions");
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(KilledServer.class.getName(), data.toString(), Long.toString(seed), "1500"));
    Process server =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(directory.resolve(name + ".txt").toFile())
            .start();
    assertThat(server.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(server.exitValue()).isZero();
    try (var labs = Files.list(data.resolve("labs"))) {
      return Files.readAllBytes(labs.findFirst().orElseThrow().resolve("recording"));
    }
  }
}
