package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page that shows all calls, in a real browser and under the policy of every other page. */
class ApiPageTest extends PageTest {
  private Page page;

  @BeforeEach
  void open() {
    page = browser.newPage();
  }

  private Locator unfold(String id) {
    page.navigate(address("/api"));
    Locator call = page.locator("[id='" + id + "']");
    call.locator("summary").focus();
    page.keyboard().press("Enter");
    return call;
  }

  @Test
  void everyCallIsShown_andNothingLeavesTheServer() {
    List<String> asked = new ArrayList<>();
    page.onRequest(request -> asked.add(request.url()));
    page.navigate(address("/api"));
    assertThat(page.locator("h2").first()).hasText("Laboratories");
    int described =
        (int)
            page.evaluate(
                """
                () => fetch('/api/v1/openapi').then((answer) => answer.json())
                  .then(({ paths }) => Object.values(paths).flatMap(Object.keys).length)
                """);
    assertThat(page.locator(".a-call")).hasCount(described);
    assertThat(asked).isNotEmpty().allMatch(url -> url.startsWith(address("/")));
  }

  @Test
  void call_isTriedByKeyboard_asItsExampleSays() {
    Locator call = unfold("post-/api/v1/labs");
    call.locator("select[name=':example']").selectOption("defaults");
    assertThat(call.locator("textarea")).hasValue("{}");
    assertThat(call.locator(".as-curl"))
        .hasText(
            "curl -X POST -H 'Content-Type: application/json' -d '{}' '"
                + address("/api/v1/labs")
                + "'");
    call.locator(".primary").focus();
    page.keyboard().press("Enter");
    assertThat(call.locator(".answered")).containsText("201 application/json");
    assertThat(call.locator(".answered")).containsText("freeFrames");
  }

  @Test
  void whatIsFilledIn_isInTheAddress_andStreamsAreReadForAWhile() {
    Page lab = openLaboratory(List.of(mapping()));
    Locator call = unfold("get-/api/v1/labs/{lab}/events");
    call.locator("[name=lab]").fill(labOf(lab));
    call.locator("[name=after]").fill("0");
    call.locator(".primary").click();
    assertThat(call.locator(".as-curl")).containsText("/events?after=0");
    assertThat(call.locator(".answered")).containsText("200 text/event-stream");
  }

  @Test
  void namedType_leadsToItsMembers() {
    Locator call = unfold("get-/api/v1/labs/{lab}");
    call.locator("a >> text=Lab").first().click();
    assertThat(page.locator("#schema-Lab")).containsText("The last sequence number of its log");
    assertThat(page.locator("#schema-Lab summary")).isInViewport();
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void page_holdsToTheRules(ColorScheme scheme) throws IOException {
    Locator call = unfold("post-/api/v1/labs/{lab}/commands");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    assertThat(call.locator("textarea")).isVisible();
    page.locator("#schema-Mmap summary").click();
    page.locator("[id='put-/api/v1/labs/{lab}/archives'] summary").click();
    for (int[] size : new int[][] {{1280, 800}, {360, 740}}) {
      page.setViewportSize(size[0], size[1]);
      assertThat(AccessibilityTest.violations(page)).as(size[0] + " pixels").isEmpty();
      assertThat(page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
          .as(size[0] + " pixels")
          .isEqualTo(true);
    }
  }
}
