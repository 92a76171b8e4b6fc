package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator.HoverOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ForcedColors;
import com.microsoft.playwright.options.ReducedMotion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The pages on every screen, from a phone to 4K. */
class PageSizesTest extends PageTest {
  private static final List<String> PAGES = List.of("/", "/compare");

  /** A phone, 200 % zoom on 1280 by 800, the narrowest with all panels, a tablet, a laptop, 4K. */
  private static final int[][] SIZES = {
    {360, 740}, {640, 400}, {900, 768}, {1024, 768}, {1280, 800}, {3840, 2160}
  };

  private static final int[][] SMALL = {SIZES[0], SIZES[1]};

  private static final List<Map<String, Object>> COPIED = List.of(mapping(), write(1, "x"));

  @Test
  void laboratory_atAnySize_neitherScrollsSidewaysNorOverlaps() {
    Page page = openLaboratory(COPIED);
    for (int[] size : SIZES) {
      page.setViewportSize(size[0], size[1]);
      for (var panel : page.locator(".panel-choice button:visible").all()) {
        panel.click();
        assertThat(wrong(page)).as(size[0] + " by " + size[1] + panel.textContent()).isEmpty();
      }
      assertThat(wrong(page)).as(size[0] + " by " + size[1]).isEmpty();
    }
  }

  @Test
  void smallScreen_foldsHeaderAndCommands_untilTheyAreAskedFor() {
    Page page = openLaboratory(COPIED);
    for (int[] size : SMALL) {
      page.setViewportSize(size[0], size[1]);
      double above = page.locator(".panel.chosen").boundingBox().y;
      assertThat(above).as("above the panel").isLessThan(size[1] * 0.3);
      assertThat(page.locator("#mode")).isVisible();
      assertThat(page.locator("[data-step=next]")).isVisible();
      assertThat(page.locator("#commands")).isHidden();

      page.focus("#menu");
      page.keyboard().press("Enter");
      for (String folded : List.of("#predict", "#speed", ".share summary", "#theme")) {
        assertThat(page.locator(folded)).isVisible();
      }
      assertThat(wrong(page)).as("menu open").isEmpty();
      page.keyboard().press("Enter");
      assertThat(page.locator("#theme")).isHidden();

      page.keyboard().press("c");
      assertThat(page.locator("[data-command=mmap]")).isFocused();
      assertThat(wrong(page)).as("commands open").isEmpty();
      page.focus("#unfold-commands");
      page.keyboard().press("Space");
      assertThat(page.locator("#commands")).isHidden();
      page.keyboard().press("0");
      assertThat(page.locator("#branch-here")).isVisible();
      assertThat(page.locator("#unfold-commands")).isHidden();
      page.click("#leave-replay");
    }
  }

  @Test
  void twoLaboratories_atAnySize_neitherScrollSidewaysNorOverlap() {
    Page page = browser.newPage();
    page.navigate(address("/compare"));
    page.click("text=Writing to a private file page");
    assertThat(page.locator(".lesson-call")).isVisible();
    for (int[] size : SIZES) {
      page.setViewportSize(size[0], size[1]);
      assertThat(wrong(page)).as(size[0] + " by " + size[1]).isEmpty();
    }
  }

  @Test
  void otherPages_atAnySize_neitherScrollSidewaysNorOverlap() {
    Page page = browser.newPage();
    page.navigate(address("/"));
    for (int i = 0; i < 2; i++) {
      page.evaluate(
          """
          name => fetch('/api/v1/labs', {method: 'POST', headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({name, frames: 64})}).then((answer) => answer.text())
          """,
          "a laboratory with so long a name ".repeat(2).strip());
    }
    for (String path : PAGES) {
      page.navigate(address(path));
      for (int[] size : SIZES) {
        page.setViewportSize(size[0], size[1]);
        assertThat(wrong(page)).as(path + " at " + size[0] + " by " + size[1]).isEmpty();
      }
    }
  }

  /** What stands out of the window, and controls that lie on each other. */
  @SuppressWarnings("unchecked")
  private static List<String> wrong(Page page) {
    return (List<String>)
        page.evaluate(
            """
            async () => {
              await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
              const wrong = [];
              const { scrollWidth } = document.documentElement;
              if (scrollWidth > innerWidth) wrong.push(`the page is ${scrollWidth} wide`);
              const name = (element) => `${element.tagName}#${element.id}.${element.className} ${element.textContent.trim().slice(0, 20)}`;
              for (const bar of document.querySelectorAll('.top, .pace, .panel > header, .panel-choice, .timeline-tools, .commands form')) {
                const controls = [...bar.querySelectorAll('button, input, select, summary, h2')].filter((control) => control.checkVisibility() && !control.closest('.popover'));
                const boxes = controls.map((control) => control.getBoundingClientRect());
                controls.forEach((control, i) => {
                  if (boxes[i].right > innerWidth + 1) wrong.push(`${name(control)} stands out`);
                  for (let j = 0; j < i; j++) {
                    const wide = Math.min(boxes[i].right, boxes[j].right) - Math.max(boxes[i].left, boxes[j].left);
                    const tall = Math.min(boxes[i].bottom, boxes[j].bottom) - Math.max(boxes[i].top, boxes[j].top);
                    if (wide > 1.5 && tall > 1.5) wrong.push(`${name(control)} lies on ${name(controls[j])}`);
                  }
                });
              }
              for (const table of document.querySelectorAll('.tables > section .entries')) {
                const room = table.closest('section').getBoundingClientRect().right;
                if (table.getBoundingClientRect().right > room + 1) wrong.push(`a table of level ${table.closest('[data-level]')?.dataset.level} stands out`);
              }
              return wrong;
            }
            """);
  }

  @Test
  void narrowScreen_showsOnePanelAtATime_byKeyboardToo() {
    Page page = openLaboratory(COPIED);
    page.setViewportSize(360, 740);
    assertThat(page.locator(".panel-translation")).isVisible();
    assertThat(page.locator("#processes")).isHidden();
    page.locator(".panel-choice [tabindex='0']").focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("#processes")).isVisible();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    page.keyboard().press("Enter");
    assertThat(page.locator("#frames canvas")).isVisible();
    assertThat(page.locator(".panel-translation")).isHidden();
  }

  /** The story lies behind another tab than what it changes. */
  @Test
  void narrowScreen_tellsTheStepBesideEveryPanel_andTheTimelineStaysBelow() {
    Page page = openLaboratory(COPIED);
    page.setViewportSize(360, 740);
    page.click("[data-step=back]");
    var now = page.locator("#step-now");
    String told = page.locator(".step.current .step-text").textContent();
    String who = page.locator(".step.current .actor").textContent();
    double lanes = page.locator("#timeline").boundingBox().y;
    for (var panel : page.locator(".panel-choice button").all()) {
      panel.click();
      assertThat(now).containsText(told);
      assertThat(now.locator(".actor")).hasText(who);
      assertThat(page.locator("#timeline").boundingBox().y).isEqualTo(lanes);
    }
    assertThat(lanes + page.locator("#timeline").boundingBox().height).isLessThan(740);
    page.keyboard().press("Escape");
    page.keyboard().press("Home");
    assertThat(now).hasText("P1 wrote 1 byte at 0x10000000 …");
    page.click("#go-live");
    assertThat(now).containsText("copy-on-write fault, frame 0x4 copied to 0x5");
  }

  @Test
  void narrowScreen_asksWhereTheQuestionIsSeen() {
    Page page = openLaboratory(COPIED);
    page.setViewportSize(360, 740);
    page.keyboard().press("Home");
    page.keyboard().press("p");
    assertThat(page.locator("#question .option").first()).isInViewport();
  }

  @Test
  void allFrames_areOnePictureThatKeysAndPointerRead() {
    Page page = openLaboratory(COPIED);
    page.click("[data-frames=all]");
    assertThat(page.locator("#frame-overview canvas")).isVisible();
    page.locator("#frame-overview").focus();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowRight");
    assertThat(page.locator("#frame-detail")).containsText("page table of P1");
    page.locator("#frame-overview canvas").hover(new HoverOptions().setPosition(0.5, 0.5));
    assertThat(page.locator("#frame-detail")).containsText("the zero page");
  }

  @Test
  void largeScreen_drawsLarger_andIsPointedAtWhereItIsDrawn() {
    Page page = openLaboratory(COPIED);
    var map = page.locator("#frames canvas");
    var timeline = page.locator("#timeline");
    double height = timeline.boundingBox().height;
    page.setViewportSize(3840, 2160);
    double scale = timeline.boundingBox().height / height;
    assertThat(scale).isGreaterThan(2);
    // the second cell of the first line
    map.hover(new HoverOptions().setPosition((38 + 26 * 1.5) * scale, 13 * scale));
    assertThat(page.locator("#frame-detail")).containsText("page table of P1");
    var box = timeline.boundingBox();
    page.mouse().click(box.x + 104 * scale + 1, box.y + 5);
    assertThat(page.locator("#mode")).hasText("REPLAY");
    assertThat(at(page)).isLessThan(4);
  }

  @Test
  void reducedMotionAndForcedColours_keepWhatTheSignsSay() {
    Page page = openLaboratory(COPIED);
    page.emulateMedia(
        new Page.EmulateMediaOptions()
            .setReducedMotion(ReducedMotion.REDUCE)
            .setForcedColors(ForcedColors.ACTIVE));
    page.reload();
    ready(page);
    assertThat(page.locator(".step-button").first()).hasCSS("transition-duration", "0s");
    Object colours =
        page.evaluate(
            """
            async () => {
              const script = document.querySelector('script[type=module]').src;
              const { colourOf } = await import(script.replace('lab.js', 'palette.js'));
              return new Set(['p1', 'p2', 'file', 'change', 'select', 'sunken'].map(colourOf)).size;
            }
            """);
    assertThat(colours).isEqualTo(6);
  }

  /** Grounds and shadows are gone then; a border that only took room would be there. */
  @Test
  void forcedColours_tellByOutlinesWhereOneStands() {
    Page page = openLaboratory(COPIED);
    page.emulateMedia(new Page.EmulateMediaOptions().setForcedColors(ForcedColors.ACTIVE));
    page.click("[data-step=back]");
    for (String marked :
        List.of(".step.current .step-button", "[data-level='2'] tr.here", "#tab-step")) {
      assertThat(page.locator(marked)).hasCSS("outline-style", "solid");
    }
    assertThat(page.locator(".step:not(.current) .step-button").first())
        .hasCSS("border-left-color", "rgb(255, 255, 255)");
    assertThat(page.locator(".cursor")).hasCSS("background-color", "rgb(176, 0, 109)");
  }
}
