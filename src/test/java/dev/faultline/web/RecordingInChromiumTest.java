package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.faultline.recording.Recording;
import dev.faultline.recording.Scenario;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chromium opens recordings by ranges of bytes, and seeks in them as Java does. */
class RecordingInChromiumTest extends ApiTest {
  @RegisterExtension final Browser browser = new Browser();

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @ParameterizedTest
  @EnumSource
  void seekAtAnyMoment_hasTheHashThatJavaHas(Scenario scenario) throws IOException {
    checkSeeks(scenario.record(seed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"050-superpage", "220-private-file-write", "520-which-page-leaves"})
  void seekInALesson_hasTheHashThatJavaHas(String name) throws IOException {
    checkSeeks(
        ScenarioRecordingsTest.record(
            Path.of("src/main/resources/scenarios").resolve(name + ".yaml")));
  }

  private void checkSeeks(byte[] bytes) throws IOException {
    System.out.println("RecordingInChromiumTest: -Dfaultline.seed=" + seed);
    Recording recording = Recording.open(Source.of(bytes));
    Api.Answer kept = api.send("POST", "/recordings", bytes).is(201);
    String at = "/recordings/" + kept.json().get("id").asString();
    List<Long> moments = Scenario.moments(recording, new Random(seed));
    List<String> expected = new ArrayList<>();
    for (long moment : moments) {
      String hash = recording.player(moment).hash();
      expected.add(moment + " " + hash + " " + hash);
    }
    Page page = browser.newPage();
    page.navigate(api.uri("/schema").resolve("/").toString());
    Object hashes =
        page.evaluate(
            """
            async ({file, moments}) => {
              const {Recording, Player} = await import('/js/recording.js');
              const {rangeSource} = await import('/js/recording-bytes.js');
              const recording = await Recording.open(await rangeSource(file));
              const wanderer = new Player(recording);
              const hashes = [];
              for (const moment of moments.map(Number)) {
                const direct = new Player(recording);
                await direct.seek(moment);
                await wanderer.seek(moment);
                hashes.push(`${moment} ${direct.hash()} ${wanderer.hash()}`);
              }
              return hashes;
            }
            """,
            Map.of(
                "file",
                "/api/v1" + at + "/file",
                "moments",
                moments.stream().map(String::valueOf).toList()));
    assertThat(hashes).isEqualTo(expected);
    assertThat(browser.consoleErrors()).isEmpty();
    api.delete(at).is(204);
  }
}
