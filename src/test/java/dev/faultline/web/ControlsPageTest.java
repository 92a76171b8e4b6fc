package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.ColorScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every control of a laboratory's page, by keyboard alone and in both themes: what it is called,
 * the keys that are pressed on it, and what is true of the page afterwards. A control that is
 * missing here fails the test.
 */
class ControlsPageTest extends PageTest {
  /** What a key does is there at once, on a machine on which much else runs a little later. */
  private static final int SOON_MILLIS = 4_000;

  private static final String MOVED = "() => globalThis.faultline.laboratory.at !== globalThis.at";
  private static final String GREW =
      "() => globalThis.faultline.laboratory.history.head > globalThis.head";

  /** Controls that other tests press, each for what it stands in. */
  private static final String ELSEWHERE =
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

  /** Its keys are pressed on a control, after which an expression must become true. */
  private record Control(String selector, List<String> keys, String becomes) {
    static Control of(String selector, String keys, String becomes) {
      return new Control(selector, List.of(keys.split(" ", -1)), becomes);
    }
  }

  private static Control pressed(String selector) {
    return Control.of(
        selector,
        "Enter",
        "() => document.querySelector('%s').getAttribute('aria-pressed') === 'true'"
            .formatted(selector));
  }

  private static Control released(String selector) {
    return Control.of(
        selector,
        "Space",
        "() => document.querySelector('%s').getAttribute('aria-pressed') === 'false'"
            .formatted(selector));
  }

  private static Control moves(String selector, String keys) {
    return Control.of(selector, keys, MOVED);
  }

  private static Control shows(String selector, String keys, String shown) {
    return Control.of(
        selector, keys, "() => document.querySelector('%s').checkVisibility()".formatted(shown));
  }

  private static Control hides(String selector, String keys, String hidden) {
    return Control.of(
        selector, keys, "() => !document.querySelector('%s').checkVisibility()".formatted(hidden));
  }

  private static Control value(String selector, String keys, String value) {
    return Control.of(
        selector,
        keys,
        "() => document.querySelector('%s').value === '%s'".formatted(selector, value));
  }

  private static Control pins(String selector) {
    return Control.of(selector, "Enter", "() => globalThis.faultline.selection.pinned !== null");
  }

  private static Control pins(String selector, String keys) {
    return Control.of(selector, keys, "() => globalThis.faultline.selection.pinned !== null");
  }

  private static final List<Control> STORY =
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
          value("#speed", "ArrowDown ArrowDown", "5"),
          moves("[data-step=first]", "Enter"),
          pressed("#play"),
          released("#play"),
          pressed("#predict"),
          released("#predict"),
          Control.of(
              "#go-live", "Enter", "() => document.querySelector('#mode').matches('.live')"));

  private static final List<Control> HEAD =
      List.of(
          shows(".share summary", "Enter", "#copy-link"),
          Control.of(
              "#copy-link",
              "Enter",
              "() => document.querySelector('#copy-link').textContent === 'copied'"),
          shows("#present", "Enter", "#presenting"),
          hides("#presenting", "Enter", "#presenting"),
          hides(".share summary", "Escape", ".share .popover"),
          Control.of("#theme", "Enter", "() => document.documentElement.dataset.theme === 'light'"),
          Control.of("#theme", "Enter", "() => document.documentElement.dataset.theme === 'dark'"),
          Control.of(
              "#theme", "Enter", "() => document.documentElement.dataset.theme === 'system'"),
          shows("#help-button", "Enter", "#help"),
          hides("#help button", "Enter", "#help"),
          shows("[data-command=mmap]", "ArrowRight", "form[data-do=read]"),
          Control.of(".more", "ArrowDown", "() => document.querySelector('.more').value !== ''"),
          Control.of(
              "[data-copy]", "Enter", "() => document.querySelector('.copied').textContent !== ''"),
          shows("#answer", "ArrowDown", "#answer"));

  private static final List<Control> TRANSLATION =
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

  private static final List<Control> FRAMES =
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
          Control.of("#terminal .primary", "Enter", GREW),
          Control.of("[data-until=syscall]", "Enter", GREW),
          Control.of("[data-until=fault]", "Enter", GREW),
          Control.of(
              "[data-until=address]",
              "Enter",
              "() => document.querySelector('.terminal-note').textContent.includes('Which"
                  + " address')"),
          value("#terminal [name=breakpoint]", "7", "7"),
          value("#terminal [name=pid]", "ArrowDown", "2"),
          shows(".terminal-text", "End", ".terminal-text"),
          Control.of("#terminal [name=line]", "h i Enter", GREW),
          value("#terminal [name=line]", "h", "h"),
          Control.of("#terminal .input [type=submit]", "Enter", GREW),
          Control.of("#terminal [data-end]", "Enter", GREW),
          shows("#tab-terminal", "ArrowLeft", "#code"),
          Control.of("[data-run=step]", "Enter", GREW),
          Control.of("[data-run=syscall]", "Enter", GREW),
          Control.of("[data-run=fault]", "Enter", GREW),
          value("#code [name=at]", "0 x 1 0 0 b 4 Enter", "0x100b4"),
          shows("#code [type=submit]", "Enter", ".code-lines li"),
          Control.of("[data-run=to]", "Enter", GREW),
          shows(".code-lines", "End", ".code-lines"),
          shows(".registers", "End", ".registers"),
          Control.of("[data-run=run]", "Enter", GREW),
          shows("#tab-terminal", "ArrowRight", "#strace"),
          value("#strace [name=pid]", "ArrowUp", "1"),
          shows("#strace .proc-text", "End", "#strace"),
          shows("#tab-terminal", "Enter", "#terminal"),
          Control.of("[data-until=exit]", "Enter", "() => true"));

  private static final List<Control> DETAILS =
      List.of(
          shows("#step", "End", "#step"),
          shows("#tab-step", "ArrowRight", "#changes"),
          moves("#changes .log", "ArrowUp"),
          moves("#changes .line >> nth=1", "Enter"),
          Control.of(
              "#leave-replay, #go-live",
              "Enter",
              "() => document.querySelector('#mode').matches('.live')"),
          shows("#tab-changes", "ArrowRight", "#proc"),
          value("#proc select", "ArrowDown", "smaps"),
          shows("#proc .proc-text", "End", "#proc"),
          shows("#tab-strace", "ArrowRight", "#inspector"),
          shows("#inspector", "End", "#inspector"),
          pins("[data-pin] >> nth=0", "Enter"),
          moves("#inspector [data-seek]", "Enter"));

  private static final List<Control> TIMELINE =
      List.of(
          moves("#timeline", "Home Home"),
          hides("#leave-replay", "Enter", "#replay-now"),
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

  private static String whole(boolean whole) {
    return "() => document.querySelector('[data-timeline=all]').disabled === " + whole;
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void everyControlOfALaboratory_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = openLaboratory(List.of(mapping(), write(1, "x")));
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    var unnamed = new TreeSet<String>();
    List<String> failed = new ArrayList<>();
    var all = List.of(STORY, HEAD, TRANSLATION, FRAMES, DETAILS, TIMELINE, PROGRAM);
    for (List<Control> controls : all) {
      page.evaluate("() => globalThis.faultline.laboratory.goLive()");
      unnamed.addAll(missing(page, all.stream().flatMap(List::stream).toList()));
      controls.forEach(control -> failed.addAll(act(page, control)));
    }
    unnamed.addAll(missing(page, all.stream().flatMap(List::stream).toList()));
    assertThat(failed).isEmpty();
    assertThat(unnamed).as("controls that no test presses").isEmpty();
    for (Locator link : page.locator(".share a").all()) {
      assertThat(link).hasAttribute("href", Pattern.compile("/labs/.+"));
    }
  }

  /** Only keys act; where they go is where the Tab key or arrows from there can go. */
  private static List<String> act(Page page, Control control) {
    Locator place = page.locator(control.selector()).first();
    String what = control.selector() + " by " + control.keys();
    try {
      place.waitFor(new Locator.WaitForOptions().setTimeout(SOON_MILLIS));
    } catch (TimeoutError error) {
      return List.of(what + " is not there");
    }
    place.focus();
    // what the focus lights up is drawn, and may be another element then
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))");
    place.focus();
    if (!(boolean) place.evaluate(REACHED)) return List.of(what + " is not reached by keys");
    page.evaluate(
        "() => { const { at, history } = globalThis.faultline.laboratory; globalThis.at = at;"
            + " globalThis.head = history.head; globalThis.faultline.selection.pinned = null; }");
    control.keys().forEach(page.keyboard()::press);
    try {
      page.waitForFunction(
          control.becomes(), null, new Page.WaitForFunctionOptions().setTimeout(SOON_MILLIS));
      return List.of();
    } catch (TimeoutError error) {
      return List.of(what + " did not act: " + control.becomes());
    }
  }

  /** A tab stop, or one of a group that has one. */
  private static final String REACHED =
      """
      (element) => {
        const group = element.closest('[role=tablist], .strip, table, ol, .hits') ?? element;
        return element.tabIndex >= 0 || group.tabIndex >= 0 || group.querySelector('[tabindex="0"]') !== null || group.parentElement.closest('[tabindex="0"]') !== null;
      }
      """;

  @SuppressWarnings("unchecked")
  private static List<String> missing(Page page, List<Control> controls) {
    String known =
        String.join(
            ", ",
            controls.stream()
                .map(control -> control.selector().replaceFirst(" >> .*", ""))
                .toList());
    return (List<String>)
        page.evaluate(
            """
            (known) => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary, a[href], [tabindex="0"]')]
              .filter((element) => !element.matches(known))
              .map((element) => `${element.tagName}#${element.id}.${element.className} ${element.getAttribute('role') ?? ''} ${element.textContent.trim().slice(0, 20)}`)
            """,
            known + ", " + ELSEWHERE);
  }
}
