package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page for those who only watch, and inside the pages of others. */
class EmbeddedPageTest extends PageTest {
  private Page page;
  private String lab;

  @BeforeEach
  void open() {
    page = openLaboratory();
    lab = plain(page);
  }

  @Test
  void viewLink_opensThePageWithNothingToActWith() {
    page.click(".share summary");
    page.screenshot(shot("live"));
    page.click("text=view link");
    assertThat(page.locator("text=You are watching")).isVisible();
    ready(page);
    assertThat(page.locator("form[data-do], [data-run]")).hasCount(0);
    page.screenshot(shot("view"));
    page.keyboard().press("0");
    assertThat(page.locator("#mode")).hasText("REPLAY");
  }

  @Test
  void pausedPage_staysWhereItIs_whateverComes() {
    page.focus("#go-live");
    assertThat(page.locator("#go-live")).hasText("pause");
    page.keyboard().press("Enter");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    String at = page.textContent("#sequence");
    page.evaluate(
        """
        lab => fetch('/api/v1' + lab + '/commands', {method: 'POST',
          headers: {'Content-Type': 'application/json'}, body: JSON.stringify({do: 'spawn', name: 'other'})})
        """,
        lab.replaceFirst(".*(?=/labs/)", ""));
    assertThat(page.locator("#go-live")).hasText("1 newer: go live");
    assertThat(page.locator("#sequence")).containsText(at + " of");
    page.keyboard().press("Enter");
    assertThat(page.locator("#mode")).hasText("LIVE");
  }

  @Test
  void embeddedPage_inAFrame_showsThePanelsThatWereAskedFor() {
    // a page of this server may be framed by this server, and is not one that frames others itself
    String school = lab.replaceFirst("/labs/.*", "/school");
    page.route(
        school,
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("text/html")
                    .setBody(
                        "<iframe width=700 height=500 title=laboratory src='%s'></iframe>"
                            .formatted(lab + "?embed=1&panels=story,frames"))));
    page.navigate(school);
    var frame = page.frameLocator("iframe");
    assertThat(frame.locator("#mode")).hasText("LIVE");
    assertThat(frame.locator(".panel-story")).isVisible();
    assertThat(frame.locator(".panel-frames")).isVisible();
    assertThat(frame.locator(".panel-processes")).isHidden();
    assertThat(frame.locator("form[data-do], #branch")).hasCount(0);
    frame.locator("[data-step=back]").click();
    assertThat(frame.locator("#mode")).hasText("PAUSED");
    page.screenshot(shot("embed"));
  }

  @Test
  void frames_areForPagesThatWereMadeForThem() {
    assertThat(policy(page.navigate(lab))).contains("frame-ancestors 'none'");
    assertThat(policy(page.navigate(lab + "?embed=1"))).contains("frame-ancestors 'self'");
  }

  private static String policy(Response answer) {
    return Objects.requireNonNull(answer.allHeaders().get("content-security-policy"));
  }

  private static Page.ScreenshotOptions shot(String name) {
    String directory = System.getProperty("faultline.shots", System.getProperty("java.io.tmpdir"));
    return new Page.ScreenshotOptions().setPath(Path.of(directory, name + ".png"));
  }
}
