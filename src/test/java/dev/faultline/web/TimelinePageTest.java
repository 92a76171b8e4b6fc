package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.LocatorOptions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Finding a moment again: the timeline, notes, search and going to what is named. */
class TimelinePageTest extends PageTest {
  private Page page;

  @BeforeEach
  void writeToAFilePage() {
    page = openLaboratory();
    command(page, "mmap");
    command(page, "write");
    page.keyboard().press("Escape");
  }

  private List<Integer> span() {
    @SuppressWarnings("unchecked")
    var span =
        (List<Integer>)
            page.evaluate(
                "() => { const { from, to } = globalThis.faultline.timeline.span; return [from,"
                    + " to]; }");
    return span;
  }

  private static LocatorOptions text(String text) {
    return new LocatorOptions().setHasText(text);
  }

  @Test
  void timeline_isZoomedAndPanned_byKeysButtonsAndWheel() {
    int head = at(page);
    assertThat(span()).containsExactly(0, head);
    page.keyboard().press("5");
    page.keyboard().press("w");
    List<Integer> near = span();
    assertThat(near.get(1) - near.get(0)).isEqualTo(Math.round(head / 2.0f));
    assertThat(at(page)).isBetween(near.get(0), near.get(1));
    assertThat(page.locator(".timeline-span")).hasText("#" + near.get(0) + "–" + near.get(1));
    page.keyboard().press("a");
    assertThat(span().get(0)).isLessThan(near.get(0));
    page.keyboard().press("d");
    page.keyboard().press("d");
    assertThat(span().get(0)).isGreaterThan(near.get(0));
    page.keyboard().press("s");
    assertThat(span()).containsExactly(0, head);

    page.click("[data-timeline=in]");
    page.click("[data-timeline=in]");
    page.click("[data-timeline=earlier]");
    assertThat(page.locator(".timeline-span")).not().isEmpty();
    page.click("[data-timeline=all]");
    assertThat(page.locator(".timeline-span")).isEmpty();
    page.hover("#timeline");
    page.mouse().wheel(0, -240);
    page.waitForFunction("() => !globalThis.faultline.timeline.span.isWhole");
    page.keyboard().press("End");
    page.keyboard().press("End");
    assertThat(span().get(1)).as("what is gone to comes into sight").isEqualTo(head);
  }

  @Test
  void note_isKept_goneBackTo_andRemoved() throws IOException {
    page.keyboard().press("3");
    int moment = at(page);
    page.keyboard().press("n");
    assertThat(page.locator("#notes-title")).hasText("Note at #" + moment);
    page.keyboard().type("why does W fail?");
    page.keyboard().press("Enter");
    assertThat(page.locator("#notes")).isHidden();
    page.keyboard().press("8");
    int marker = at(page);
    page.click("#notes-button");
    page.keyboard().press("Enter");
    assertThat(page.locator("#notes")).isHidden();
    page.keyboard().press("End");
    page.keyboard().press("End");
    assertThat(page).not().hasURL(Pattern.compile("[?&]at="));
    page.reload();
    ready(page);
    page.keyboard().press("[");
    assertThat(page.locator("#sequence")).containsText("#" + marker + " of");
    page.keyboard().press("[");
    assertThat(page.locator("#sequence")).containsText("#" + moment + " of");
    assertThat(page.locator("#announcer")).hasText("why does W fail?");
    page.keyboard().press("]");
    assertThat(page.locator("#sequence")).containsText("#" + marker + " of");
    page.keyboard().press("n");
    assertThat(page.locator("#notes .hits li")).hasCount(2);
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      assertThat(AccessibilityTest.violations(page)).as("notes").isEmpty();
    }
    page.click("#notes .hits .line >> nth=0");
    assertThat(page.locator("#sequence")).containsText("#" + moment + " of");
    page.keyboard().press("n");
    var saved = page.waitForDownload(() -> page.click(".note-save"));
    assertThat(Files.readString(saved.path()))
        .isEqualTo("#" + moment + " why does W fail?\n#" + marker + " \n");
    page.click(".note-remove");
    page.keyboard().press("n");
    assertThat(page.locator("#notes .hits li")).hasCount(1);
    page.setInputFiles("#notes [type=file]", saved.path());
    assertThat(page.locator("#notes .hits li")).hasCount(2);
  }

  @Test
  void search_findsStepsAndChanges() throws IOException {
    page.keyboard().press("/");
    page.keyboard().type("COPIES 4096");
    assertThat(page.locator(".search-note")).hasText("1 found");
    assertThat(page.locator("#search .hits")).containsText("KERNEL copies 4096 bytes");
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      assertThat(AccessibilityTest.violations(page)).as("search").isEmpty();
    }
    page.keyboard().press("Enter");
    assertThat(page.locator("#search")).isHidden();
    assertThat(page.locator(".step.current")).containsText("copies 4096 bytes");

    page.click("#search-button");
    page.fill("[name=words]", "+ frame kind");
    page.keyboard().press("ArrowDown");
    page.keyboard().press("ArrowDown");
    page.keyboard().press("Enter");
    assertThat(page.locator("#search")).isHidden();
    int second = at(page);
    page.keyboard().press("[");
    assertThat(at(page)).as("what was found is marked").isLessThan(second);
    page.keyboard().press("]");
    assertThat(at(page)).isEqualTo(second);
    page.keyboard().press("/");
    page.keyboard().type("no such words");
    assertThat(page.locator(".search-note")).hasText("0 found");
  }

  @Test
  void goTo_takesARecordAnAddressOrAFrame_andSaysWhatIsWrong() throws IOException {
    goTo("frame 0x1");
    assertThat(page.locator("#frame-detail")).containsText("page table of P1");
    goTo("0x3ff7ffc123");
    assertThat(page.locator("#address")).hasValue("0x3ff7ffc123");
    goTo("#12");
    assertThat(page.locator("#sequence")).containsText("#12 of");
    page.click("#goto-button");
    page.keyboard().type("soon");
    page.keyboard().press("Enter");
    assertThat(page.locator("#goto .dialog-note")).containsText("“soon” is no record");
    assertThat(AccessibilityTest.violations(page)).isEmpty();
    page.fill("[name=place]", "999999");
    page.keyboard().press("Enter");
    assertThat(page.locator("#goto .dialog-note")).containsText("The log has records 0 to");
    page.fill("[name=place]", "frame 99999");
    page.keyboard().press("Enter");
    assertThat(page.locator("#goto .dialog-note")).containsText("4096 frames");
  }

  @Test
  void key_pressedWhenADialogHasJustClosed_acts() {
    page.keyboard().press("g");
    assertThat(page.locator("#goto [name=place]")).isFocused();
    page.evaluate(
        """
        () => {
          const field = document.querySelector('#goto [name=place]');
          field.closest('dialog').close();
          field.dispatchEvent(new KeyboardEvent('keydown', { key: '0', bubbles: true }));
        }
        """);
    assertThat(page.locator("#sequence")).hasText(Pattern.compile("#0 of \\d+"));
  }

  private void goTo(String place) {
    page.keyboard().press("g");
    page.keyboard().type(place);
    page.keyboard().press("Enter");
    assertThat(page.locator("#goto")).isHidden();
  }

  @Test
  void story_isPlayedUpToAStep() {
    page.selectOption("#speed", "20");
    page.locator(".step", text("traps from")).hover();
    page.locator(".step", text("traps from")).locator(".run-here").click();
    assertThat(page.locator("#play")).hasAttribute("aria-pressed", "false");
    assertThat(page.locator(".step.current")).containsText("traps from");
  }

  @Test
  void spaceOnAButton_pressesIt_elsewhereItPlays() {
    page.focus("[data-step=back]");
    page.keyboard().press("Space");
    assertThat(page.locator("#play")).hasAttribute("aria-pressed", "false");
    assertThat(page.locator("#mode")).hasText("PAUSED");
    page.keyboard().press("Escape");
    page.keyboard().press("Space");
    assertThat(page.locator("#play")).hasAttribute("aria-pressed", "true");
    page.keyboard().press("Space");
  }

  @Test
  void help_tellsTheKeysThatAct_andNoneActsInAField() {
    page.keyboard().press("?");
    assertThat(page.locator("#help-keys")).containsText("timeline: zoom in and out");
    Object bound = page.evaluate("() => Object.keys(globalThis.faultline.keys.actions).length");
    assertThat((int) bound).isGreaterThan(25);
    Object silent =
        page.evaluate(
            """
            () => {
              const told = document.querySelector('#help-keys').textContent;
              const names = { ArrowLeft: '←', ArrowRight: '→', ' ': 'Space', Escape: 'Esc' };
              return Object.keys(globalThis.faultline.keys.actions)
                .filter((key) => !/[1-8]/.test(key) && !told.includes(names[key] ?? key));
            }
            """);
    assertThat((List<?>) silent).isEmpty();
    Object unexplained =
        page.evaluate(
            """
            async () => {
              const { KIND_GLYPHS } = await import(document.querySelector('link[href$="/walk.js"]').href);
              const told = document.querySelector('#help').textContent;
              return Object.values(KIND_GLYPHS).filter((glyph) => !told.includes(glyph));
            }
            """);
    assertThat((List<?>) unexplained).isEmpty();
    page.keyboard().press("Escape");
    assertThat(page.locator("#help")).isHidden();
    int before = at(page);
    page.focus("form[data-do=write] [name=data]");
    page.keyboard().type("0,.fFnbg/[]wasd p?");
    assertThat(page.locator("dialog[open]")).hasCount(0);
    assertThat(at(page)).isEqualTo(before);
  }
}
