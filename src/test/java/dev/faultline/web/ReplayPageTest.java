package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Going back and forth in time on the page of a laboratory. */
class ReplayPageTest extends PageTest {
  private Page page;

  /** A private file page is read, copied and shared with a child, which writes to it too. */
  @BeforeEach
  void open() {
    Map<String, Object> read = Map.of("do", "read", "pid", 1, "address", ADDRESS, "length", 4);
    page =
        openLaboratory(
            List.of(
                mapping(),
                read,
                write(1, "once"),
                Map.of("do", "fork", "pid", 1),
                write(2, "twice"),
                Map.of("do", "munmap", "pid", 1, "address", ADDRESS, "length", 8192),
                read));
  }

  @Test
  void faults_areGoneToByKey() {
    page.keyboard().press("0");
    assertThat(page.locator("#sequence")).hasText(Pattern.compile("#0 of \\d+"));
    assertThat(page.locator("#mode")).hasText("REPLAY");
    for (String story : List.of("P1 read", "P1 wrote", "P2 wrote", "P1 read")) {
      page.keyboard().press("f");
      assertThat(page.locator(".sentence")).containsText(story);
      assertThat(page.locator(".step.current")).containsText("traps from U-mode to S-mode");
    }
    assertThat(page.locator("[data-step=next-fault]")).isDisabled();
    page.keyboard().press("F");
    assertThat(page.locator(".sentence")).containsText("P2 wrote");
    page.keyboard().press("End");
    assertThat(page.locator("#mode")).hasText("REPLAY");
    page.keyboard().press("End");
    assertThat(page.locator("#mode")).hasText("LIVE");
  }

  @Test
  void earlierMoment_offersABranchInThePlaceOfCommands() {
    assertThat(page.locator("#replay-now")).isHidden();
    page.keyboard().press("5");
    assertThat(page.locator("#replay-now")).containsText("You look at an earlier moment, #");
    assertThat(page.locator("#commands")).hasAttribute("inert", "");
    page.click("#leave-replay");
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator("#replay-now")).isHidden();
    page.keyboard().press("5");
    assertThat(page.locator("#branch-here")).isVisible();
    page.focus("#branch-here");
    page.keyboard().press("Enter");
    assertThat(page.locator("#parent")).hasText("BRANCH");
    assertThat(page.locator("#compare-parent"))
        .hasAttribute("href", Pattern.compile("/compare\\?left=\\w+&right=\\w+"));
  }

  @Test
  void records_areGoneThroughOneByOne() {
    page.click("#tab-changes");
    page.keyboard().press("Escape");
    int head = Integer.parseInt(page.textContent("#sequence").substring(1));
    page.keyboard().press(",");
    page.keyboard().press(",");
    assertThat(page.locator("#sequence")).hasText("#" + (head - 2) + " of " + head);
    assertThat(page.locator(".line[aria-current=true]")).containsText("#" + (head - 2));
    page.keyboard().press(".");
    page.keyboard().press(".");
    assertThat(page.locator("#mode")).hasText("LIVE");
    page.locator(".line", new Page.LocatorOptions().setHasText("#" + (head - 3))).click();
    assertThat(page.locator("#sequence")).hasText("#" + (head - 3) + " of " + head);
  }

  @Test
  void timeline_clicked_showsThatMoment() {
    var box = page.locator("#timeline").boundingBox();
    page.mouse().click(box.x + 104 + (box.width - 106) / 2, box.y + 20);
    assertThat(page.locator("#mode")).hasText("REPLAY");
    double now = Double.parseDouble(page.getAttribute("#timeline", "aria-valuenow"));
    double last = Double.parseDouble(page.getAttribute("#timeline", "aria-valuemax"));
    assertThat(now / last).isBetween(0.48, 0.52);
    page.click("#go-live");
    assertThat(page.locator("#mode")).hasText("LIVE");
  }

  @Test
  void play_goesThroughTheStoryAndStopsAtItsEnd() {
    page.selectOption("#speed", "20");
    page.click("#play");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator("#play")).hasText("play");
  }

  @Test
  void inspector_tellsTheRowAndWhatSetIt() {
    page.click("#tab-inspector");
    page.locator(".file-page.cached").click();
    assertThat(page.locator("#inspector")).containsText("page 0 of /data/letters");
    assertThat(page.locator("#inspector .origin")).containsText("Set last by");
    page.locator("#inspector .origin button").click();
    assertThat(page.locator("#mode")).hasText("REPLAY");
    assertThat(page.locator(".sentence")).containsText("P1 read 4 bytes");
  }

  @Test
  void procText_isWhatLinuxPrints() {
    page.click("#tab-proc");
    assertThat(page.locator("#proc .proc-text"))
        .containsText(Pattern.compile("10002000-10004000 rw-p 00002000 .* /data/letters"));
  }
}
