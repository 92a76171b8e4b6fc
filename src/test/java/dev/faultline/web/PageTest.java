package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.RequestOptions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Pages as a person uses them, in a real browser. One server and one Chromium serve all such tests;
 * each test has pages of its own, and none may complain in the console.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
abstract class PageTest {
  /** Where {@link #mapping} lies. */
  static final String ADDRESS = "0x10000000";

  @RegisterExtension final Browser browser = new Browser();

  @LocalServerPort int port;

  @AfterEach
  void nothingIsWrongInTheConsole() {
    assertThat(browser.consoleErrors()).isEmpty();
  }

  final String address(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  /** A page with a laboratory as the start page's form opens it, ready and with all of its log. */
  final Page openLaboratory() {
    return openLaboratory(List.of());
  }

  /** The file of a fresh laboratory, mapped for itself by its process, to be written. */
  static Map<String, Object> mapping() {
    return Map.of(
        "do",
        "mmap",
        "pid",
        1,
        "address",
        ADDRESS,
        "length",
        16384,
        "prot",
        List.of("READ", "WRITE"),
        "flags",
        List.of("PRIVATE", "FIXED"),
        "fd",
        3);
  }

  /** Text into that mapping. */
  static Map<String, Object> write(int pid, String text) {
    return Map.of("do", "write", "pid", pid, "address", ADDRESS, "data", Map.of("text", text));
  }

  /** The same with commands that were given before the page was opened. */
  final Page openLaboratory(List<Map<String, Object>> commands) {
    return openLaboratory(browser.newPage(), commands);
  }

  /** The same in a page that is there already. */
  final Page openLaboratory(Page page, List<Map<String, Object>> commands) {
    APIResponse opened =
        page.request().post(address("/labs"), RequestOptions.create().setMaxRedirects(0));
    assertThat(opened.status()).isEqualTo(302);
    String lab =
        Objects.requireNonNull(opened.headers().get("location")).replaceFirst(".*/labs/", "");
    if (!commands.isEmpty()) {
      give(page, lab, commands);
    }
    page.navigate(address("/labs/" + lab));
    ready(page);
    return page;
  }

  /** Gives commands by the API, as another person would. */
  final void give(Page page, String lab, List<Map<String, Object>> commands) {
    APIResponse answer =
        page.request()
            .post(
                address("/api/v1/labs/" + lab + "/commands"),
                RequestOptions.create().setData(commands));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  /** The id of the laboratory that a page shows. */
  static String labOf(Page page) {
    return Objects.requireNonNull(page.getAttribute("body", "data-lab"));
  }

  /** The laboratory is followed, and what was before the page came has come too. */
  static void ready(Page page) {
    assertThat(page.locator("#mode")).hasText("LIVE");
    waitForTheWholeLog(page);
  }

  static void waitForTheWholeLog(Page page) {
    page.waitForFunction(
        "() => globalThis.faultline?.laboratory.story &&"
            + " globalThis.faultline.laboratory.history.start === 0");
    waitUntilDrawn(page);
  }

  /** The panels show the moment at which the page stands, and all of its story. */
  private static void waitUntilDrawn(Page page) {
    page.waitForFunction(
        """
        () => {
          const { at, story, following } = globalThis.faultline.laboratory;
          return document.querySelector('#sequence').textContent.split(' ')[0] === `#${at}` && (!following || story.outcome);
        }
        """);
  }

  /** The page's address without moment and selection. */
  static String plain(Page page) {
    return page.url().replaceFirst("\\?.*", "");
  }

  /** Opens a command's form and sends it with what it offers. */
  static void command(Page page, String name) {
    choose(page, name);
    sendWith(page, "form[data-do=" + name + "] button.primary");
  }

  /** Presses a button that gives a command; all that it did is there afterwards. */
  static void sendWith(Page page, String button) {
    int before = at(page);
    page.click(button);
    page.waitForFunction("before => globalThis.faultline.laboratory.at > before", before);
    waitUntilDrawn(page);
  }

  /** The form of a command stands behind its tab, or under "more". */
  static void choose(Page page, String name) {
    Locator tab = page.locator("[data-command=" + name + "]");
    if (tab.count() > 0) {
      tab.click();
    } else if (page.locator("form[data-do=" + name + "]").isHidden()) {
      page.selectOption(".more", name);
    }
  }

  /** Where the page stands, in the log. */
  static int at(Page page) {
    return (int) page.evaluate("() => globalThis.faultline.laboratory.at");
  }
}
