package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A control of a page: its keys are pressed on it, after which an expression must become true. Only
 * keys act, and only on what the Tab key, or arrows from there, can reach.
 */
record Control(String selector, List<String> keys, String becomes) {
  /** What a key does is there at once, on a machine on which much else runs a little later. */
  private static final int SOON_MILLIS = 4_000;

  private static final String PINNED = "() => globalThis.faultline.selection.pinned !== null";

  static Control of(String selector, String keys, String becomes) {
    return new Control(selector, List.of(keys.split(" ", -1)), becomes);
  }

  static Control pressed(String selector) {
    return of(
        selector,
        "Enter",
        "() => document.querySelector('%s').getAttribute('aria-pressed') === 'true'"
            .formatted(selector));
  }

  static Control released(String selector) {
    return of(
        selector,
        "Space",
        "() => document.querySelector('%s').getAttribute('aria-pressed') === 'false'"
            .formatted(selector));
  }

  /** To another moment. */
  static Control moves(String selector, String keys) {
    return of(selector, keys, "() => globalThis.faultline.laboratory.at !== globalThis.at");
  }

  /** Something new happens in the laboratory. */
  static Control grows(String selector) {
    return of(
        selector, "Enter", "() => globalThis.faultline.laboratory.history.head > globalThis.head");
  }

  static Control shows(String selector, String keys, String shown) {
    return of(
        selector,
        keys,
        "() => document.querySelector('%s')?.checkVisibility() === true".formatted(shown));
  }

  static Control hides(String selector, String keys, String hidden) {
    return of(
        selector, keys, "() => !document.querySelector('%s').checkVisibility()".formatted(hidden));
  }

  static Control value(String selector, String keys, String value) {
    return of(
        selector,
        keys,
        "() => document.querySelector('%s').value === '%s'".formatted(selector, value));
  }

  static Control pins(String selector) {
    return pins(selector, "Enter");
  }

  static Control pins(String selector, String keys) {
    return of(selector, keys, PINNED);
  }

  /** A region that only scrolls is at least reached. */
  static Control region(String selector) {
    return shows(selector, "End", selector);
  }

  /** A link, or a form that is sent, leads to another page; one goes back from there. */
  static Control leads(String selector, String path) {
    return of(selector, "Enter", LEADS.formatted(path));
  }

  private static final String LEADS =
      "() => new RegExp('%s').test(location.pathname + location.search)";

  /** Every control of a page acts, and there is none beside these that no test presses. */
  static void act(Page page, List<List<Control>> groups, String elsewhere) {
    var unknown = new TreeSet<String>();
    List<String> failed = new ArrayList<>();
    for (List<Control> controls : groups) {
      page.evaluate(
          "() => { globalThis.faultline?.laboratory?.goLive();"
              + " globalThis.faultline?.selection?.clear(); }");
      unknown.addAll(unknown(page, groups, elsewhere));
      controls.forEach(control -> failed.addAll(control.act(page)));
    }
    unknown.addAll(unknown(page, groups, elsewhere));
    assertThat(failed).isEmpty();
    assertThat(unknown).as("controls that no test presses").isEmpty();
  }

  /** What went wrong, nothing if all went well. */
  private List<String> act(Page page) {
    String before = page.url();
    Locator place = page.locator(selector).first();
    String what = selector + " by " + keys;
    try {
      place.waitFor(new Locator.WaitForOptions().setTimeout(SOON_MILLIS));
    } catch (TimeoutError error) {
      return List.of(what + " is not there");
    }
    // what the focus lights up is drawn, and may be another element then
    place.evaluate(
        "(element) => { element.focus(); return new Promise((drawn) => requestAnimationFrame(() =>"
            + " setTimeout(drawn))); }");
    if (!(boolean) place.evaluate(REACHED, becomes.equals(PINNED)))
      return List.of(what + " is not reached by keys");
    keys.forEach(page.keyboard()::press);
    try {
      page.waitForFunction(
          becomes, null, new Page.WaitForFunctionOptions().setTimeout(SOON_MILLIS));
    } catch (TimeoutError error) {
      return List.of(what + " did not act: " + becomes);
    }
    if (becomes.contains("location.")) page.navigate(before);
    return List.of();
  }

  /** Takes the focus and is a tab stop, or one of a group that has one; the page is as before. */
  private static final String REACHED =
      """
      (element, pins) => {
        element.focus();
        const { laboratory, selection } = globalThis.faultline ?? {};
        Object.assign(globalThis, { at: laboratory?.at, head: laboratory?.history.head });
        if (pins) selection.pinned = null;
        const group = element.closest('[role=tablist], .strip, table, ol, .hits') ?? element;
        return element.tabIndex >= 0 || group.tabIndex >= 0 || group.querySelector('[tabindex="0"]') !== null || group.parentElement.closest('[tabindex="0"]') !== null;
      }
      """;

  /** A selector of all these controls. */
  static String named(List<List<Control>> groups) {
    return groups.stream()
        .flatMap(List::stream)
        .map(control -> control.selector().replaceFirst(" >> .*", ""))
        .collect(Collectors.joining(", "));
  }

  /** Controls of a page, hidden ones too, that neither are in the list nor match a selector. */
  @SuppressWarnings("unchecked")
  private static List<String> unknown(Page page, List<List<Control>> groups, String elsewhere) {
    return (List<String>)
        page.evaluate(
            """
            (known) => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary, a[href], [tabindex="0"]')]
              .filter((element) => !element.matches(known))
              .map((element) => `${element.tagName}#${element.id}.${element.className} ${element.getAttribute('role') ?? ''} ${element.textContent.trim().slice(0, 20)}`)
            """,
            named(groups) + (elsewhere.isEmpty() ? "" : ", " + elsewhere));
  }
}
