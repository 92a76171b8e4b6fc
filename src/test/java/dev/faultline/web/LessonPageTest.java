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

/** A scenario in the browser, and predicting what comes. */
class LessonPageTest extends PageTest {
  private Page open(String scenario) {
    Page page = browser.newPage();
    page.setViewportSize(1280, 800);
    page.navigate(address("/"));
    page.click(".scenario >> text=" + scenario);
    assertThat(page.locator("#lesson-title")).hasText(scenario);
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator(".lesson-call")).isVisible();
    return page;
  }

  @Test
  void scenario_isTakenFromItsFirstCommandToItsLast() {
    Page page = open("Writing to a private file page");
    assertThat(page.locator(".lesson-place")).hasText("1 of 4");
    assertThat(page.locator(".lesson-watch")).containsText("The frame's references");
    assertThat(page.locator(".lesson-call"))
        .containsText(
            "mmap((void *) 0x10000000, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE, 3, 0)");
    page.click(".lesson-next");
    assertThat(page.locator(".lesson-outcome")).containsText("= 0x10000000");
    assertThat(page.locator(".vma")).hasCount(1);
    page.click(".lesson-next");
    page.click(".lesson-next");
    assertThat(page.locator(".lesson-outcome")).containsText("= \"AAAA\"");
    page.click(".lesson-next");
    page.click(".lesson-next");
    assertThat(page.locator(".sentence")).containsText("copy-on-write fault");
    page.click(".lesson-moment");
    assertThat(page.locator(".step.current")).containsText("copies 4096 bytes");
    page.click(".lesson-next");
    page.click(".lesson-next");
    assertThat(page.locator("#mode")).hasText("LIVE");
    page.click(".lesson-next");
    assertThat(page.locator(".lesson-place")).hasText("done");
    assertThat(page.locator(".lesson-body")).containsText("MAP_PRIVATE promises");
    assertThat(page.locator(".lesson-next")).isDisabled();
  }

  @Test
  void forms_leaveTheirRoomToThePanels_untilOneIsAskedFor() {
    Page page = open("A wild pointer");
    var form = page.locator("form[data-do=mmap]");
    assertThat(form).isHidden();
    assertThat(page.locator("[data-level='2'] .entries tr")).hasCount(9);
    page.keyboard().press("c");
    assertThat(form).isVisible();
    assertThat(page.locator(".c-call")).isVisible();
  }

  /** It is longer than its place, and scrolls there. */
  @Test
  void longSentence_isReachedByKeyboard() throws IOException {
    Page page = open("When all frames are in use");
    while (page.locator(".lesson-moment").isHidden()) {
      String note = page.textContent("#lesson");
      page.keyboard().press("r");
      page.waitForFunction(
          "(note) => document.querySelector('#lesson').textContent !== note", note);
    }
    assertThat(AccessibilityTest.violations(page)).isEmpty();
    page.focus(".sentence");
    page.keyboard().press("ArrowDown");
    page.waitForFunction("() => document.querySelector('.sentence').scrollTop > 0");
  }

  @Test
  void lesson_reloaded_goesOnWhereItWas() {
    Page page = open("mmap hands out no memory");
    page.keyboard().press("r");
    assertThat(page.locator(".lesson-outcome")).containsText("= 0x10000000");
    page.reload();
    assertThat(page.locator(".lesson-place")).hasText("2 of 4");
    assertThat(page.locator(".lesson-call")).isVisible();
    page.keyboard().press("r");
    assertThat(page.locator(".sentence")).containsText("anonymous page fault");
    assertThat(page).hasURL(Pattern.compile(".*scenario=first-write&step=2"));
  }

  @Test
  void tabAndAddressOfAStep_areShownOnceItIsDone() {
    Page page = open("Unmapping the middle");
    page.keyboard().press("r");
    assertThat(page.locator("#tab-proc")).hasAttribute("aria-selected", "true");
    assertThat(page.locator("#address")).hasValue("0x10001000");
    assertThat(page.locator("#proc")).containsText("10003000-10004000 rw-p 00003000");
  }

  @Test
  void prediction_hidesWhatComes_untilItIsAnswered() {
    Page page = open("mmap hands out no memory");
    page.keyboard().press("p");
    page.keyboard().press("r");
    assertThat(page.locator("#question")).containsText("How does it end?");
    assertThat(page.locator(".step")).hasCount(0);
    assertThat(page.locator(".vma")).hasCount(0);
    assertThat(page.locator(".lesson-outcome")).isHidden();
    page.locator(".option", new Page.LocatorOptions().setHasText("it succeeds")).click();
    assertThat(page.locator("#question .verdict")).containsText("Right.");
    assertThat(page.locator(".score")).hasText("1 of 1 right");
    page.keyboard().press("ArrowRight");
    assertThat(page.locator("#question")).containsText("How many frames does it take?");
    page.locator(".option", new Page.LocatorOptions().setHasText("2")).last().click();
    assertThat(page.locator("#question .verdict")).containsText("No: 0.");
    assertThat(page.locator(".score")).hasText("1 of 2 right");
    page.keyboard().press("ArrowRight");
    assertThat(page.locator("#question")).containsText("What happens next?");
    assertThat(page.locator(".step")).hasCount(0);
    page.keyboard().press("1");
    assertThat(page.locator(".step")).hasCount(1);
  }

  @Test
  void question_isLeftBehind_byWhoGoesElsewhere() {
    Page page = open("mmap hands out no memory");
    page.keyboard().press("p");
    page.keyboard().press("r");
    assertThat(page.locator(".option").first()).isFocused();
    page.click("#go-live");
    assertThat(page.locator("#question")).containsText("This story is told");
    assertThat(page.locator(".score")).hasText("predict what comes");
    page.keyboard().press("Home");
    assertThat(page.locator("#mode")).hasText("PAUSED");
  }

  @Test
  void prediction_worksByKeyboardAloneAndInThePast() {
    Page page = open("A wild pointer");
    page.keyboard().press("r");
    assertThat(page.locator(".lesson-outcome")).isVisible();
    page.keyboard().press("r");
    page.keyboard().press("r");
    assertThat(page.locator(".sentence")).containsText("SIGSEGV");
    page.keyboard().press("p");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    assertThat(page.locator(".option").first()).isFocused();
    assertThat(page.locator("#announcer")).containsText("How does it end?");
    page.keyboard().press("ArrowDown");
    assertThat(page.locator(".option").nth(1)).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.locator("#question .verdict")).isFocused();
    // Passing over a question shows what it asks about, and counts for nothing.
    for (int i = 0; i < 40 && page.locator("#mode").textContent().contains("PAUSED"); i++) {
      page.keyboard().press("ArrowRight");
    }
    assertThat(page.locator("#mode")).hasText("LIVE");
    assertThat(page.locator(".score")).containsText("of 1 right");
    assertThat(page.locator(".sentence")).containsText("SIGSEGV");
    page.keyboard().press("p");
    assertThat(page.locator("#question")).isHidden();
    page.keyboard().press("Home");
    page.keyboard().press("Home");
    page.keyboard().press("p");
    assertThat(page.locator("#question")).not().isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void lessonAndQuestions_holdToTheRules(ColorScheme scheme) throws IOException {
    Page page = open("mmap hands out no memory");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    assertThat(AccessibilityTest.violations(page)).isEmpty();
    page.keyboard().press("r");
    assertThat(page.locator(".lesson-outcome")).isVisible();
    assertThat(AccessibilityTest.violations(page)).as("a command was given").isEmpty();
    page.keyboard().press("p");
    assertThat(page.locator(".option").first()).isVisible();
    assertThat(AccessibilityTest.violations(page)).as("a question").isEmpty();
    page.keyboard().press("2");
    assertThat(page.locator("#question .verdict")).isVisible();
    assertThat(AccessibilityTest.violations(page)).as("an answer").isEmpty();
  }
}
