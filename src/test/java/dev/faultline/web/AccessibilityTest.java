package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Contrast;
import com.microsoft.playwright.options.RequestOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages by axe-core's rules for WCAG 2.2 AA, and what a mouse can reach by keyboard. */
class AccessibilityTest extends PageTest {
  private static final List<String> RULES =
      List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice");

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void everyView_holdsToTheRules(ColorScheme scheme) throws IOException {
    Page page = browser.newPage();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    page.navigate(address("/"));
    assertThat(violations(page)).isEmpty();
    writeToAFilePage(page);
    for (String tab :
        List.of("step", "changes", "proc", "code", "terminal", "strace", "inspector")) {
      page.click("#tab-" + tab);
      assertThat(page.locator("[aria-labelledby=tab-" + tab + "]")).isVisible();
      assertThat(violations(page, ".panel-tabs")).as(tab).isEmpty();
    }
    page.click("[data-frames=table]");
    page.click("[data-shape=list]");
    page.click("[data-step=back]");
    assertThat(violations(page)).as("tables, paused").isEmpty();
    page.click("#help-button");
    assertThat(violations(page)).as("help").isEmpty();
    page.keyboard().press("Escape");
    page.keyboard().press("g");
    page.fill("#goto input", "nowhere");
    page.keyboard().press("Enter");
    assertThat(page.locator("#goto .dialog-note")).not().isEmpty();
    assertThat(violations(page)).as("go to").isEmpty();
    page.keyboard().press("Escape");
    page.click("[data-shape=grid]");
    page.click("[data-base=bin]");
    page.click("[data-frames=all]");
    page.click(".share summary");
    assertThat(violations(page)).as("grids, binary, share").isEmpty();
    page.keyboard().press("0");
    assertThat(page.locator("#replay-now")).isVisible();
    assertThat(violations(page)).as("an earlier moment").isEmpty();
    page.click("#leave-replay");
    page.keyboard().press("p");
    assertThat(page.locator("#question")).isVisible();
    page.keyboard().press("1");
    assertThat(page.locator("#question .verdict")).isVisible();
    assertThat(violations(page)).as("a prediction").isEmpty();
    page.keyboard().press("p");
    String recording =
        page.url().replaceFirst("/labs/(\\w+).*", "/replay?url=/api/v1/labs/$1/recording");
    page.navigate(recording);
    waitForTheWholeLog(page);
    assertThat(violations(page)).as("a recording").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void startPageWithManyLaboratories_showsTheNewest_andHoldsToTheRules(ColorScheme scheme)
      throws IOException {
    Page page = browser.newPage();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    for (int i = 0; i < 12; i++) {
      page.request()
          .post(
              address("/api/v1/labs"),
              RequestOptions.create().setData(Map.of("name", "class " + i, "frames", 64)));
    }
    page.navigate(address("/"));
    assertThat(page.locator(".labs a").first()).hasText("class 11");
    assertThat(page.locator("section > .labs").first().locator("a")).hasCount(8);
    page.locator(".older summary").focus();
    page.keyboard().press("Enter");
    page.locator(".open-lab summary").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("[name=harts]")).isVisible();
    assertThat(violations(page)).isEmpty();
  }

  @Test
  void newcomer_isInTheFirstLessonByTwoKeys() {
    Page page = browser.newPage();
    page.navigate(address("/"));
    page.locator(".begin button").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("#lesson-title")).hasText("mmap hands out no memory");
    assertThat(page.locator(".lesson-place")).hasText("1 of 4");
    page.keyboard().press("r");
    assertThat(page.locator(".sentence")).containsText("P1 mapped");
  }

  /** A narrow page has tabs for its panels: on a phone, and with 200 % zoom at 1280 by 800. */
  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void everyPanelOfANarrowPage_holdsToTheRules(ColorScheme scheme) throws IOException {
    Page page = openLaboratory(List.of(mapping(), write(1, "x")));
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    for (int[] size : new int[][] {{360, 740}, {640, 400}}) {
      page.setViewportSize(size[0], size[1]);
      for (var panel : page.locator(".panel-choice button").all()) {
        panel.click();
        assertThat(violations(page, "main")).as(size[0] + panel.textContent()).isEmpty();
      }
      assertThat(violations(page)).as(size[0] + ", the whole page").isEmpty();
      page.click("#menu");
      page.click("#unfold-commands");
      assertThat(violations(page)).as(size[0] + ", header and commands unfolded").isEmpty();
      page.click("#unfold-commands");
      page.click("#menu");
    }
    page.navigate(address("/"));
    assertThat(violations(page)).as("start page").isEmpty();
  }

  /** Seven to one, which AAA asks for, for those whose system asks for more contrast. */
  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void moreContrast_isGivenToWhoAsksForIt(ColorScheme scheme) throws IOException {
    Page page = openLaboratory(List.of(mapping(), write(1, "x")));
    page.emulateMedia(
        new Page.EmulateMediaOptions().setColorScheme(scheme).setContrast(Contrast.MORE));
    page.click("[data-step=back]");
    assertThat(violations(page, "html", List.of("wcag2aaa"))).as("a laboratory").isEmpty();
    page.navigate(address("/"));
    assertThat(violations(page, "html", List.of("wcag2aaa"))).as("the start page").isEmpty();
  }

  @Test
  void framesPagesAndRows_areReachedByArrowKeys() {
    Page page = browser.newPage();
    page.navigate(address("/"));
    writeToAFilePage(page);
    page.locator("#frames").focus();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    assertThat(page.locator("#frame-detail")).containsText("page table of P1");
    assertThat(page.locator("#announcer")).containsText("page table of P1");
    page.locator(".strip").focus();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    page.keyboard().press("Enter");
    assertThat(page.locator("#address")).hasValue("0x3ff7ffc000");
    page.locator("#tlb").focus();
    page.keyboard().press("ArrowDown");
    page.keyboard().press("Enter");
    assertThat(page.locator("#address")).hasValue("0x3ff7ffb000");
  }

  /** A laboratory whose private file page was read and written. */
  private static void writeToAFilePage(Page page) {
    page.click("text=Open a new laboratory");
    assertThat(page.locator(".sentence")).containsText("P1 opened /data/letters");
    page.click("form[data-do=mmap] button.primary");
    assertThat(page.locator(".vma")).hasCount(1);
    page.click("[data-command=write]");
    page.click("form[data-do=write] button.primary");
    assertThat(page.locator(".copy")).hasCount(1);
  }

  static List<String> violations(Page page) throws IOException {
    return violations(page, "html");
  }

  /** The rules that are broken in a part of a page. */
  private static List<String> violations(Page page, String part) throws IOException {
    return violations(page, part, RULES);
  }

  @SuppressWarnings("unchecked")
  private static List<String> violations(Page page, String part, List<String> rules)
      throws IOException {
    if (!(boolean) page.evaluate("() => 'axe' in globalThis")) {
      try (InputStream axe = AccessibilityTest.class.getResourceAsStream("/axe.min.js")) {
        byte[] script = Objects.requireNonNull(axe).readAllBytes();
        page.evaluate(new String(script, StandardCharsets.UTF_8));
      }
    }
    return (List<String>)
        page.evaluate(
            """
            async ([part, rules]) => {
              const { violations } = await axe.run(part, { runOnly: rules });
              return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
            }
            """,
            List.of(part, rules));
  }
}
