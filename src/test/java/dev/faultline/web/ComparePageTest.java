package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two laboratories side by side, in the browser. */
class ComparePageTest extends PageTest {
  private Page open(String scenario) {
    Page page = browser.newPage();
    page.setViewportSize(1280, 800);
    page.navigate(address("/compare"));
    page.click("text=" + scenario);
    assertThat(page.locator("#lesson-title")).hasText(scenario);
    assertThat(page.locator(".lesson-call")).isVisible();
    assertThat(page.locator("#right .sentence")).not().isEmpty();
    return page;
  }

  private static void give(Page page, String place) {
    page.keyboard().press("r");
    assertThat(page.locator(".lesson-outcome")).isVisible();
    assertThat(page.locator(".lesson-place")).hasText(place);
  }

  @Test
  void lazyAndEager_partAtTheFirstFrameThatMmapTakes() {
    Page page = open("Writing to a private file page");
    assertThat(page.locator("#parting")).containsText("Both logs are the same");
    assertThat(page.locator("#difference-count")).hasText("no row differs");
    give(page, "1 of 4");
    assertThat(page.locator("#right .sentence")).containsText("eager: 3 pages copied at once");
    assertThat(page.locator("#parting")).containsText("right KERNEL takes the free frame 0x2");
    assertThat(page.locator("#left .differs")).hasCount(0);
    assertThat(page.locator("#right .differs").first()).containsText("takes the free frame 0x2");
    assertThat(page.locator("#differences tr:has-text('P1 0x10002000 L0')"))
        .containsText("not there");
    page.keyboard().press("r");
    give(page, "2 of 4");
    page.keyboard().press("r");
    give(page, "3 of 4");
    assertThat(page.locator("#left .sentence")).containsText("copy-on-write fault");
    assertThat(page.locator("#right .sentence")).hasText("P1 wrote 1 byte at 0x10000000");
    assertThat(page.locator(".lesson-outcome")).containsText("on both sides");
  }

  @Test
  void bothSides_areSteppedTogether_andWhatDiffersIsOfThatMoment() {
    Page page = open("Writing to a private file page");
    give(page, "1 of 4");
    assertThat(page.locator("#difference-count")).not().hasText("no row differs");
    page.keyboard().press("Home");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    assertThat(page.locator(".place")).containsText("step 0 of");
    assertThat(page.locator("#difference-count")).hasText("no row differs");
    page.click("[data-step=next]");
    page.click("[data-step=next]");
    assertThat(page.locator("#left .current")).hasCount(1);
    assertThat(page.locator("#right .current")).hasCount(1);
    page.click("[data-step=back]");
    assertThat(page.locator("#announcer")).containsText("step 1 of");
    page.keyboard().press("ArrowLeft");
    page.keyboard().press("ArrowLeft");
    assertThat(page.locator("#right .sentence")).not().containsText("eager");
    page.keyboard().press("r");
    page.keyboard().press("r");
    assertThat(page.locator("#mode")).hasText("LIVE");
    page.keyboard().press("?");
    assertThat(page.locator("#help-keys")).containsText("on both sides");
    page.keyboard().press("Escape");
  }

  @Test
  void sharedAndPrivate_answerTheSameReadDifferently() {
    Page page = open("A write that another process sees");
    give(page, "1 of 4");
    page.keyboard().press("r");
    give(page, "2 of 4");
    page.keyboard().press("r");
    give(page, "3 of 4");
    assertThat(page.locator(".lesson-outcome")).containsText("= \"hello\" | = \"AAAAA\"");
  }

  @Test
  void lruAndClock_keepOtherPages() {
    Page page = open("Which page leaves?");
    give(page, "1 of 3");
    page.keyboard().press("r");
    give(page, "2 of 3");
    page.keyboard().press("r");
    give(page, "3 of 3");
    assertThat(page.locator("#right .sentence")).containsText("major fault");
    assertThat(page.locator("#left .sentence")).hasText("P1 read 3 bytes at 0x10000000");
    assertThat(page.locator("#differences caption").first()).isVisible();
  }

  @Test
  void formsOfThePage_giveTheirCommandToBoth() {
    Page page = open("A and D, set by a fault");
    page.click("[data-command=fork]");
    page.click("form[data-do=fork] button.primary");
    assertThat(page.locator("#left .sentence")).containsText("P1 forked P2");
    assertThat(page.locator("#right .sentence")).containsText("P1 forked P2");
    assertThat(page.locator("#answer")).containsText("on both sides");
  }

  @Test
  void address_namesBothLaboratories_andAnyTwoCanBeChosen() {
    Page page = open("Writing to a private file page");
    give(page, "1 of 4");
    assertThat(page)
        .hasURL(
            Pattern.compile(
                ".*/compare\\?left=\\w+&right=\\w+&scenario=private-file-write&step=1"));
    page.reload();
    assertThat(page.locator("#right .sentence")).containsText("eager");
    assertThat(page.locator(".lesson-place")).hasText("2 of 4");
    String right = page.url().replaceFirst(".*right=(\\w+).*", "$1");
    page.navigate(address("/compare"));
    page.selectOption("[name=left]", right);
    page.click(".two-labs button");
    assertThat(page).hasURL(Pattern.compile(".*left=" + right + "&right=.*"));
    assertThat(page.locator("#left-title")).hasText("Left: Writing to a private file page");
    assertThat(page.locator("#lesson")).hasCount(0);
    page.locator("#left header a").click();
    assertThat(page.locator("#mode")).hasText("LIVE");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void comparison_holdsToTheRules(ColorScheme scheme) throws IOException {
    Page page = open("Writing to a private file page");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    give(page, "1 of 4");
    assertThat(page.locator("#differences caption").first()).isVisible();
    assertThat(AccessibilityTest.violations(page)).isEmpty();
    page.click("text=another comparison");
    assertThat(AccessibilityTest.violations(page)).as("the choice").isEmpty();
  }
}
