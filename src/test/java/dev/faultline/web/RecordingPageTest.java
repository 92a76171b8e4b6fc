package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording is opened on the page, and saved with it as one file. */
class RecordingPageTest extends PageTest {
  private static final int SEEKS = Integer.getInteger("faultline.seeks", 200);
  private static final int SEED = 99;

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

  /** All rows of all tables as a page draws them, at random moments. */
  @SuppressWarnings("unchecked")
  private static Map<String, List<String>> drawn(Page page) {
    return (Map<String, List<String>>)
        page.evaluate(
            """
            async ({seeks, seed}) => {
              const script = document.querySelector('script[type=module]').src;
              const { write } = await import(script ? script.replace('lab.js', 'schema.js') : 'faultline/schema.js');
              const { laboratory } = globalThis.faultline;
              const { schema, state } = laboratory;
              const plain = (value, format) => format.shape === 'DECIMAL' ? String(value) : write(value, format, state.strings);
              const drawn = {};
              let random = seed;
              for (let i = 0; i < seeks; i++) {
                random = (random * 1103515245 + 12345) % 2 ** 31;
                const at = random % (laboratory.history.head + 1);
                laboratory.seek(at, 'step');
                const now = schema.tables.map(({columns}, ordinal) =>
                  [...state.tables[ordinal].values()].map((row) => columns.map(({name, format}) => plain(row[name], format)).join(' ')).sort().join('|'));
                if (drawn[at] && drawn[at].join() !== now.join()) throw new Error(`two seeks to ${at} differ`);
                drawn[at] = now;
              }
              return drawn;
            }
            """,
            Map.of("seeks", SEEKS, "seed", SEED));
  }

  /** The same moments as the server tells them. */
  @SuppressWarnings("unchecked")
  private Map<String, List<String>> told(String source, Map<String, List<String>> drawn) {
    return (Map<String, List<String>>)
        page.evaluate(
            """
            async ({source, moments}) => {
              const schema = await (await fetch('/api/v1/schema')).json();
              const told = {};
              for (const at of moments) {
                told[at] = await Promise.all(schema.tables.map(async ({name, columns}) => {
                  const {rows} = await (await fetch(`${source}/tables/${name}?at=${at}`)).json();
                  return rows.map((row) => columns.map((column) => String(row[column.name])).join(' ')).sort().join('|');
                }));
              }
              return told;
            }
            """,
            Map.of("source", source, "moments", List.copyOf(drawn.keySet())));
  }

  @Test
  void recording_uploaded_isDrawnAtAnyMomentAsTheServerTellsIt() throws IOException {
    String recording = upload();
    assertThat(page.locator("#mode")).hasText("REPLAY");
    assertThat(page.locator("#commands")).hasCount(0);
    Map<String, List<String>> drawn = drawn(page);
    assertThat(drawn).hasSizeGreaterThan(50);
    assertThat(told("/api/v1/recordings/" + recording, drawn)).isEqualTo(drawn);
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
    Page offline = browser.newPage();
    offline.context().setOffline(true);
    offline.navigate(file.toUri().toString());
    waitForTheWholeLog(offline);
    assertThat(offline.locator("#mode")).hasText("REPLAY");
    Map<String, List<String>> drawn = drawn(offline);
    assertThat(told("/api/v1/labs/" + lab, drawn)).isEqualTo(drawn);
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
