package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording is opened on the page, and saved with it as one file. */
class RecordingPageTest extends PageTest {
  private static final String HAS_PIXELS =
      """
      () => {
        const { width, height } = document.querySelector('#timeline canvas');
        const context = document.querySelector('#timeline canvas').getContext('2d');
        return context.getImageData(0, 0, width, height).data.some((channel) => channel > 0);
      }
      """;

  @TempDir Path directory;

  private Page page;
  private String server;
  private String lab;

  @BeforeEach
  void open() {
    server = address("");
    page =
        openLaboratory(
            List.of(
                mapping(), write(1, "once"), Map.of("do", "fork", "pid", 1), write(2, "twice")));
    lab = labOf(page);
  }

  /** By the form of the start page; the recording's page is then open. */
  private String upload() throws IOException {
    Path file = directory.resolve("lab.faultline");
    Files.write(file, page.request().get(server + "/api/v1/labs/" + lab + "/recording").body());
    page.navigate(server + "/");
    page.setInputFiles("input[name=file]", file);
    page.click("text=Replay it");
    waitForTheWholeLog(page);
    return page.url().replaceFirst(".*/recordings/(\\w+).*", "$1");
  }

  @Test
  void recording_uploaded_isPaintedAtAnyMomentAsTheServerTellsIt() throws IOException {
    String recording = upload();
    assertThat(page.locator("#mode")).hasText("REPLAY");
    assertThat(page.locator("#commands")).hasCount(0);
    assertThat(Painted.atAnyMoment(page).differences(page, "/api/v1/recordings/" + recording))
        .as("seed %d", Painted.SEED)
        .isEmpty();
    page.navigate(server + "/");
    assertThat(page.locator("a[href='/recordings/" + recording + "']")).isVisible();
    page.navigate(server + "/replay?recording=" + recording + "&at=3");
    assertThat(page).hasURL(Pattern.compile("/recordings/" + recording + "\\?at=3$"));
    assertThat(page.locator("#sequence")).hasText(Pattern.compile("#3 of \\d+"));
  }

  @Test
  void recording_openedByItsAddress_plays() {
    page.navigate(server + "/replay?url=/api/v1/labs/" + lab + "/recording");
    waitForTheWholeLog(page);
    page.keyboard().press("0");
    page.keyboard().press("f");
    assertThat(page.locator(".step.current")).containsText("traps from U-mode to S-mode");
    assertThat(page.locator("#branch button")).isDisabled();
  }

  @Test
  void timeline_isPaintedBeforeTheRestOfThePageHasCome() throws IOException {
    String recording = upload();
    Page fresh = browser.newPage();
    List<Route> held = new ArrayList<>();
    fresh.route("**/lab-page.js", held::add);
    fresh.navigate(server + "/recordings/" + recording);
    fresh.waitForFunction("() => performance.getEntriesByName('timeline painted').length");
    assertThat((boolean) fresh.evaluate("() => 'faultline' in globalThis")).isFalse();
    assertThat((boolean) fresh.evaluate(HAS_PIXELS)).isTrue();
    fresh.waitForCondition(() -> !held.isEmpty());
    held.forEach(Route::resume);
    waitForTheWholeLog(fresh);
    assertThat(fresh.locator("#mode")).hasText("REPLAY");
    assertThat(fresh.locator("#story")).containsText("wrote");
  }

  @Test
  void branch_byKey_goesOnFromTheEndOfACommandAndNamesItsParent() throws IOException {
    String recording = upload();
    page.keyboard().press("5");
    page.keyboard().press("b");
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator("#parent")).hasText("BRANCH");
    page.click("#parent");
    assertThat(page).hasURL(Pattern.compile("/recordings/" + recording + "\\?at=\\d+"));
    page.navigate(server + "/labs/" + lab);
    assertThat(page.locator("#mode")).hasText("LIVE");
    waitForTheWholeLog(page);
    page.click("#branch button");
    assertThat(page.locator("#parent")).hasText("BRANCH");
  }

  @Test
  void savedPage_opensFromDiskWithoutANetwork() throws IOException {
    Path file = directory.resolve("saved.html");
    Files.write(file, page.request().get(server + "/labs/" + lab + "/page").body());
    Page offline = browser.newStrangersPage();
    offline.context().setOffline(true);
    offline.navigate(file.toUri().toString());
    waitForTheWholeLog(offline);
    assertThat(offline.locator("#mode")).hasText("REPLAY");
    assertThat(Painted.atAnyMoment(offline).differences(page, "/api/v1/labs/" + lab))
        .as("seed %d", Painted.SEED)
        .isEmpty();
    offline.keyboard().press("0");
    offline.keyboard().press("f");
    assertThat(offline.locator(".step.current")).containsText("traps from U-mode to S-mode");
    assertThat(offline.locator(".frame-map canvas").first()).isVisible();
    offline.screenshot(
        new Page.ScreenshotOptions()
            .setPath(
                Path.of(System.getProperty("faultline.shots", directory.toString()), "saved.png")));
  }
}
