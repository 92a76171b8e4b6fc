package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.recording.Recording;
import dev.faultline.recording.SegmentInfo;
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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nothing of a JVM is in a recording: no clock, no address, no order of a hash. */
@Execution(ExecutionMode.CONCURRENT)
class TwoRunsTest {
  private static final int MAGIC_BYTES = 8;
  private static final int HEAD_BYTES = 16;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  @TempDir private Path directory = Path.of("");

  /** The loop is left out: its end is a matter of the clock. */
  @Test
  void sameSeedAndCommandsInTwoJvms_giveTheSameFilesButForTheirTime()
      throws IOException, InterruptedException {
    System.out.println("TwoRunsTest: -Dfaultline.seed=" + seed);
    run("one", List.of("-XX:TieredStopAtLevel=1"), 1_500);
    run("other", List.of("-Xint", "-XX:hashCode=3"), 1_500);
    for (String name : List.of("killed", "programs")) {
      byte[] one = recorded("one", name);
      byte[] other = recorded("other", name);
      assertThat(withoutTime(other)).as(name).isEqualTo(withoutTime(one));
      assertThat(entries(other)).as(name).isEqualTo(entries(one));
      assertThat(index(other)).as(name).isEqualTo(index(one));
    }
  }

  /** What a JVM makes of commands that another has kept, where runs ended by the clock too. */
  @Test
  void recordingMadeAgainInAnotherJvm_isTheSameFile() throws IOException, InterruptedException {
    System.out.println("TwoRunsTest: -Dfaultline.seed=" + seed);
    run("first", List.of("-Xint", "-XX:hashCode=3"), 300);
    for (Path lab : labs("first")) {
      Path copy = directory.resolve("again").resolve("labs").resolve(lab.getFileName());
      Files.createDirectories(copy);
      Files.copy(lab.resolve("commands"), copy.resolve("commands"));
    }
    run("again", List.of("-XX:TieredStopAtLevel=1"), 0);
    for (Path lab : labs("first")) {
      Path again = directory.resolve("again").resolve("labs").resolve(lab.getFileName());
      assertThat(again.resolve("recording"))
          .as(Files.readString(directory.resolve("again.txt")))
          .hasSameBinaryContentAs(lab.resolve("recording"));
    }
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

  /** Which records stand where behind the header. */
  private static List<SegmentInfo> index(byte[] bytes) throws IOException {
    Recording recording = Recording.open(Source.of(bytes));
    assertThat(recording.isWhole()).isTrue();
    long from = recording.segments().getFirst().offset();
    return recording.segments().stream()
        .map(segment ->
            new SegmentInfo(
                segment.offset() - from,
                segment.end() - from,
                segment.first(),
                segment.count(),
                segment.hasKeyframe(),
                segment.operations(),
                segment.faults()))
        .toList();
  }

  private List<Path> labs(String run) throws IOException {
    try (var labs = Files.list(directory.resolve(run).resolve("labs"))) {
      return labs.toList();
    }
  }

  /** The recording of a run's laboratory with this name. */
  private byte[] recorded(String run, String name) throws IOException {
    for (Path lab : labs(run)) {
      byte[] bytes = Files.readAllBytes(lab.resolve("recording"));
      if (Recording.open(Source.of(bytes)).header().name().equals(name)) {
        return bytes;
      }
    }
    throw new AssertionError("no recording of " + name);
  }

  private void run(String name, List<String> flags, int commands)
      throws IOException, InterruptedException {
    Path data = directory.resolve(name);
    var command = new java.util.ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UnlockExperimentalVMOptions");
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(
            KilledServer.class.getName(),
            data.toString(),
            Long.toString(seed),
            Integer.toString(commands)));
    Process server =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(directory.resolve(name + ".txt").toFile())
            .start();
    assertThat(server.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(server.exitValue()).isZero();
  }
}
