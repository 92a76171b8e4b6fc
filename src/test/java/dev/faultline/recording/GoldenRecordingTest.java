package dev.faultline.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.LogRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A recording that an engine of the past has made plays as it did then, whatever tables and steps
 * the engine has by now. The files of lines have hashes as they were then; the browser's tests read
 * the same files. Early engines left out keyframes that there are now: {@code few-keyframes}.
 */
class GoldenRecordingTest {
  private static final Path FOLDER = Path.of("src/test/resources/recordings");

  private static Recording open(String name) throws IOException {
    return Recording.open(Source.of(FOLDER.resolve(name + ".faultline"), Long.MAX_VALUE));
  }

  private static List<String> told(Recording recording) {
    List<String> lines = new ArrayList<>();
    long step = Math.max(1, recording.lastMoment() / 40);
    for (long moment = recording.firstMoment(); moment <= recording.lastMoment(); moment += step) {
      lines.add(moment + " " + recording.player(moment).hash());
    }
    lines.add(recording.lastMoment() + " " + recording.player(recording.lastMoment()).hash());
    return lines;
  }

  @ParameterizedTest
  @ValueSource(strings = {"golden", "few-keyframes"})
  void goldenRecording_playsAsItDid(String name) throws IOException {
    try (Recording recording = open(name)) {
      recording.check();
      assertThat(told(recording)).isEqualTo(Files.readAllLines(FOLDER.resolve(name + ".txt")));
    }
  }

  @Test
  void recordOfAnEarlierEngine_isToldAsItWas() throws IOException {
    try (Recording recording = open("golden")) {
      Player player = recording.player(0);
      LogRecord first = Objects.requireNonNull(player.next());
      assertThat(first.text()).isEqualTo("the machine starts with 120 frames");
    }
  }

  @Test
  void recordingWithAnotherSchema_playsByItsOwn() throws IOException {
    var lines = new ByteArrayOutputStream();
    try (Recording recording = open("golden")) {
      NdJson.write(recording, lines);
    }
    String foreign =
        lines
            .toString(StandardCharsets.UTF_8)
            .replace("\"mappings\"", "\"mapped\"")
            .replace("\"name\":\"cached_page\"", "\"name\":\"page_of_a_file\"")
            .replace("\"table\":\"cached_page\"", "\"table\":\"page_of_a_file\"")
            .replace("\"tables\":[", "\"tables\":[{\"name\":\"new\",\"columns\":[]},");
    // Tables have moved by one, so every row's hash, which says its table's number, is another.
    var out = new ByteArrayOutputStream();
    String head = foreign.substring(0, foreign.lastIndexOf("{\"type\":\"end\""));
    assertThat(head).contains("\"mapped\"");
    var in =
        new ByteArrayInputStream((head + "{\"type\":\"end\"}\n").getBytes(StandardCharsets.UTF_8));
    try {
      NdJson.read(NdJson.lines(in), out::writeBytes);
    } catch (BadRecordingException hashDiffers) {
      String hash = hashDiffers.getMessage().replaceFirst(".*the hash ([0-9a-f]{16}),.*", "$1");
      out.reset();
      String whole = head + "{\"type\":\"end\",\"hash\":\"" + hash + "\"}\n";
      in = new ByteArrayInputStream(whole.getBytes(StandardCharsets.UTF_8));
      NdJson.read(NdJson.lines(in), out::writeBytes);
    }
    Recording recording = Recording.open(Source.of(out.toByteArray()));
    recording.check();
    var frames = recording.header().schema().table("frame").orElseThrow();
    assertThat(frames.columns().get(3).label()).isEqualTo("mapped");
    assertThat(recording.header().schema().table("page_of_a_file")).isPresent();
    assertThat(recording.stateAt(recording.lastMoment()).rows(frames).size()).isPositive();
  }

  /** Makes the first of them anew; they stay as they are while the format's version does. */
  public static void main(String[] arguments) throws IOException {
    byte[] bytes = RecordedRuns.record(RecordedRuns.randomRun(1, 800).log());
    Files.write(FOLDER.resolve("golden.faultline"), bytes);
    Files.write(FOLDER.resolve("golden.txt"), told(Recording.open(Source.of(bytes))));
  }
}
