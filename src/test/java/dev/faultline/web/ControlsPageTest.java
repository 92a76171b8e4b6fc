package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.faultline.web.Control.grows;
import static dev.faultline.web.Control.hides;
import static dev.faultline.web.Control.moves;
import static dev.faultline.web.Control.pins;
import static dev.faultline.web.Control.pressed;
import static dev.faultline.web.Control.region;
import static dev.faultline.web.Control.released;
import static dev.faultline.web.Control.shows;
import static dev.faultline.web.Control.value;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every control of a laboratory's page, by keyboard alone and in both themes: what it is called,
 * the keys that are pressed on it, and what is true of the page afterwards. A control that is
 * missing here fails the test.
 */
class ControlsPageTest extends PageTest {
  /** Controls that other tests press, each for what it stands in. */
  static final String ELSEWHERE =
      String.join(
          ", ",
          "#commands form *", // CommandFormsPageTest
          ".panel-choice button, .fold", // PageSizesTest
          "#branch *, #branch-here", // ReplayPageTest
          "#follow, #parent", // PresenterPageTest, ReplayPageTest
          "#question *", // LessonPageTest
          "[type=file]", // ProgramPageTest, TimelinePageTest
          ".brand, #ended-now a, .share a", // links, held below
          "[role=tab]", // arrows go from those below to all others
          ".run-here"); // the Tab key comes to it from its step

  static final List<Control> STORY =
      List.of(
          moves("[data-step=first]", "Enter"),
          moves("[data-step=next]", "Enter"),
          moves("[data-step=last]", "Space"),
          moves("[data-step=previous-fault]", "Enter"),
          moves("[data-step=back]", "Enter"),
          moves("[data-step=next-fault]", "Enter"),
          moves(".step-button >> nth=1", "Enter"),
          moves(".step-button >> nth=2", "Tab Enter"),
          shows(".steps", "ArrowDown", ".steps"),
          region(".sentence"),
          value("#speed", "ArrowDown ArrowDown", "5"),
          moves("[data-step=first]", "Enter"),
          pressed("#play"),
          released("#play"),
          pressed("#predict"),
          released("#predict"));

  static final Control GO_LIVE =
      Control.of("#go-live", "Enter", "() => document.querySelector('#mode').matches('.live')");

  private static final Control LEAVE_REPLAY = hides("#leave-replay", "Enter", "#replay-now");

  static final List<Control> SHARE =
      List.of(
          shows(".share summary", "Enter", "#copy-link"),
          Control.of(
              "#copy-link",
              "Enter",
              "() => document.querySelector('#copy-link').textContent === 'copied'"),
          hides(".share summary", "Escape", ".share .popover"));

  private static final List<Control> PRESENT =
      List.of(
          shows(".share summary", "Enter", "#copy-link"),
          shows("#present", "Enter", "#presenting"),
          hides("#presenting", "Enter", "#presenting"),
          hides(".share summary", "Escape", ".share .popover"));

  static final List<Control> THEME =
      List.of(
          Control.of("#theme", "Enter", "() => document.documentElement.dataset.theme === 'light'"),
          Control.of("#theme", "Enter", "() => document.documentElement.dataset.theme === 'dark'"),
          Control.of(
              "#theme", "Enter", "() => document.documentElement.dataset.theme === 'system'"));

  static final List<Control> HELP =
      List.of(shows("#help-button", "Enter", "#help"), hides("#help button", "Enter", "#help"));

  static final List<Control> COMMANDS =
      List.of(
          shows("[data-command=mmap]", "ArrowRight", "form[data-do=read]"),
          Control.of(".more", "ArrowDown", "() => document.querySelector('.more').value !== ''"),
          Control.of(
              "[data-copy]", "Enter", "() => document.querySelector('.copied').textContent !== ''"),
          shows("#answer", "ArrowDown", "#answer"));

  static final List<Control> TRANSLATION =
      List.of(
          value("#shown-pid", "ArrowDown", "1"),
          Control.of(
              "#address",
              "Control+a 0 x 1 0 0 0 1 0 0 0 Enter",
              "() => globalThis.faultline.selection.va === 0x10001000n"),
          Control.of(
              "#address-form button",
              "Enter",
              "() => globalThis.faultline.selection.va === 0x10001000n"),
          pressed("#hold"),
          released("#hold"),
          pressed("[data-base=dec]"),
          pressed("[data-base=bin]"),
          pressed("[data-base=hex]"),
          pressed("[data-shape=grid]"),
          pressed("[data-shape=list]"),
          pressed("[data-shape=rows]"),
          pins(".entries >> nth=0", "ArrowDown Enter"),
          pins("#tlb", "ArrowDown Enter"),
          pins(".table header button >> nth=0", "Enter"));

  static final List<Control> FRAMES =
      List.of(
          pins(".size >> nth=0", "Enter"),
          pins(".vma >> nth=0", "Enter"),
          pins(".strip", "ArrowRight Enter"),
          pins(".frame-chip", "Enter"),
          pins(".file-page >> nth=0", "Enter"),
          pins(".copy", "Enter"),
          pins("#frames", "ArrowRight Enter"),
          pressed("[data-frames=all]"),
          pins("#frame-overview", "ArrowRight Enter"),
          pressed("[data-frames=table]"),
          pins("#frame-list", "ArrowDown Enter"),
          pressed("[data-frames=map]"));

  private static final List<Control> PROGRAM =
      List.of(
          shows("#tab-code", "ArrowRight", "#terminal"),
          value("#terminal [name=program]", "p", "pages"),
          value("#terminal [name=arguments]", "x", "x"),
          grows("#terminal .primary"),
          grows("[data-until=syscall]"),
          grows("[data-until=fault]"),
          Control.of(
              "[data-until=address]",
              "Enter",
              "() => document.querySelector('.terminal-note').textContent.includes('Which"
                  + " address')"),
          value("#terminal [name=breakpoint]", "7", "7"),
          value("#terminal [name=pid]", "ArrowDown", "2"),
          shows(".terminal-text", "End", ".terminal-text"),
          Control.of("#terminal [name=line]", "h i Enter", grows("").becomes()),
          value("#terminal [name=line]", "h", "h"),
          grows("#terminal .input [type=submit]"),
          grows("#terminal [data-end]"),
          shows("#tab-terminal", "ArrowLeft", "#code"),
          grows("[data-run=step]"),
          grows("[data-run=syscall]"),
          grows("[data-run=fault]"),
          value("#code [name=at]", "0 x 1 0 0 b 4 Enter", "0x100b4"),
          shows("#code [type=submit]", "Enter", ".code-lines li"),
          grows("[data-run=to]"),
          shows(".code-lines", "End", ".code-lines"),
          shows(".registers", "End", ".registers"),
          grows("[data-run=run]"),
          shows("#tab-terminal", "ArrowRight", "#strace"),
          value("#strace [name=pid]", "ArrowUp", "1"),
          shows("#strace .proc-text", "End", "#strace"),
          shows("#tab-terminal", "Enter", "#terminal"),
          Control.of("[data-until=exit]", "Enter", "() => true"));

  static final List<Control> CHANGES =
      List.of(
          region("#step"),
          shows("#tab-step", "ArrowRight", "#changes"),
          moves("#changes .log", "ArrowUp"),
          moves("#changes .line >> nth=1", "Enter"));

  static final List<Control> PROC =
      List.of(
          shows("#tab-changes", "ArrowRight", "#proc"),
          value("#proc select", "ArrowDown", "smaps"),
          region("#proc .proc-text"));

  static final List<Control> INSPECTOR =
      List.of(
          region("#inspector"),
          pins("[data-pin] >> nth=0", "Enter"),
          moves("#inspector [data-seek]", "Enter"));

  static final List<Control> TIMELINE =
      List.of(
          moves("#timeline", "Home Home"),
          Control.of("[data-timeline=in]", "Enter", whole(false)),
          Control.of("[data-timeline=earlier]", "Enter", whole(false)),
          Control.of("[data-timeline=later]", "Enter", whole(false)),
          Control.of("[data-timeline=all]", "Enter", whole(true)),
          Control.of("[data-timeline=in]", "Enter", whole(false)),
          Control.of("[data-timeline=out]", "Enter", whole(true)),
          shows("#search-button", "Enter", "#search"),
          shows("#search [name=words]", "W", "#search .line"),
          moves("#search .line >> nth=0", "Enter"),
          shows("#search-button", "Enter", "#search"),
          hides("#search .icon", "Enter", "#search"),
          shows("#notes-button", "Enter", "#notes"),
          hides("#notes [name=text]", "h i Enter", "#notes"),
          shows("#notes-button", "Enter", "#notes"),
          shows("#notes .line", "End", "#notes .line"),
          shows(".note-save", "Enter", "#notes"),
          hides(".note-remove", "Enter", "#notes"),
          shows("#notes-button", "Enter", "#notes"),
          shows("#notes [type=submit]", "Tab", "#notes"),
          hides("#notes .icon", "Enter", "#notes"),
          shows("#goto-button", "Enter", "#goto"),
          hides("#goto [name=place]", "5 Enter", "#goto"),
          shows("#goto-button", "Enter", "#goto"),
          hides("#goto [type=submit]", "Enter", "#goto"),
          shows("#goto-button", "Enter", "#goto"),
          hides("#goto .icon", "Enter", "#goto"));

  static final List<List<Control>> LABORATORY =
      List.of(
          plus(STORY, GO_LIVE),
          SHARE,
          PRESENT,
          THEME,
          HELP,
          COMMANDS,
          TRANSLATION,
          FRAMES,
          plus(CHANGES, GO_LIVE),
          plus(PROC, shows("#tab-strace", "ArrowRight", "#inspector")),
          INSPECTOR,
          List.of(moves("#timeline", "Home Home"), LEAVE_REPLAY),
          TIMELINE,
          PROGRAM);

  private static String whole(boolean whole) {
    return "() => document.querySelector('[data-timeline=all]').disabled === " + whole;
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void everyControlOfALaboratory_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = openLaboratory(List.of(mapping(), write(1, "x")));
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    Control.act(page, LABORATORY, ELSEWHERE);
    for (Locator link : page.locator(".share a").all()) {
      assertThat(link).hasAttribute("href", Pattern.compile("/labs/.+"));
    }
  }

  static List<Control> plus(List<Control> some, Control... more) {
    return Stream.concat(some.stream(), Stream.of(more)).toList();
  }
}
