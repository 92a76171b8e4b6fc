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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Chromium opens recordings by ranges of bytes, and seeks in them as Java does. */
class RecordingInChromiumTest extends ApiTest {
  @RegisterExtension final Browser browser = new Browser();

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  void seekAtAnyMoment_hasTheHashThatJavaHas() throws IOException {
    Page page = openPage();
    for (Scenario scenario : Scenario.values()) {
      checkSeeks(page, scenario.name(), scenario.record(seed));
    }
  }

  @Test
  void seekInEveryLesson_hasTheHashThatJavaHas() throws IOException {
    Page page = openPage();
    for (Path file : ScenariosTest.files()) {
      checkSeeks(page, file.toString(), ScenarioRecordingsTest.record(file));
    }
  }

  private Page openPage() {
    System.out.println("RecordingInChromiumTest: -Dfaultline.seed=" + seed);
    Page page = browser.newPage();
    page.navigate(api.uri("/schema").resolve("/").toString());
    return page;
  }

  private void checkSeeks(Page page, String what, byte[] bytes) throws IOException {
    Recording recording = Recording.open(Source.of(bytes));
    Api.Answer kept = api.send("POST", "/recordings", bytes).is(201);
    String at = "/recordings/" + kept.json().get("id").asString();
    List<Long> moments = Scenario.moments(recording, new Random(seed));
    List<String> expected = new ArrayList<>();
    for (long moment : moments) {
      String hash = recording.player(moment).hash();
      expected.add(moment + " " + hash + " " + hash);
    }
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
    assertThat(hashes).as(what).isEqualTo(expected);
    assertThat(browser.consoleErrors()).isEmpty();
    api.delete(at).is(204);
  }
}
