package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.faultline.web.Control.hides;
import static dev.faultline.web.Control.leads;
import static dev.faultline.web.Control.moves;
import static dev.faultline.web.Control.pins;
import static dev.faultline.web.Control.pressed;
import static dev.faultline.web.Control.region;
import static dev.faultline.web.Control.released;
import static dev.faultline.web.Control.shows;
import static dev.faultline.web.Control.value;
import static dev.faultline.web.ControlsPageTest.CHANGES;
import static dev.faultline.web.ControlsPageTest.COMMANDS;
import static dev.faultline.web.ControlsPageTest.ELSEWHERE;
import static dev.faultline.web.ControlsPageTest.FRAMES;
import static dev.faultline.web.ControlsPageTest.GO_LIVE;
import static dev.faultline.web.ControlsPageTest.HELP;
import static dev.faultline.web.ControlsPageTest.INSPECTOR;
import static dev.faultline.web.ControlsPageTest.LABORATORY;
import static dev.faultline.web.ControlsPageTest.PROC;
import static dev.faultline.web.ControlsPageTest.SHARE;
import static dev.faultline.web.ControlsPageTest.STORY;
import static dev.faultline.web.ControlsPageTest.THEME;
import static dev.faultline.web.ControlsPageTest.TIMELINE;
import static dev.faultline.web.ControlsPageTest.TRANSLATION;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route.FulfillOptions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.RequestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The controls of every other kind of page, as {@link ControlsPageTest} holds those of a
 * laboratory's, and axe-core's rules where no other test asks for them. Of what pages share, each
 * control is pressed on one of them.
 */
class OtherControlsPageTest extends PageTest {
  private static final String LAB = "^/labs/";
  private static final Control BRAND = leads(".brand", "^/$");

  @TempDir Path directory;

  private Page newPage(ColorScheme scheme) {
    Page page = browser.newPage();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    return page;
  }

  /** A laboratory whose file page was read, copied and is to be looked at. */
  private Page laboratory(ColorScheme scheme) {
    Page page = openLaboratory(List.of(mapping(), write(1, "x")));
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    return page;
  }

  private static void holdsAndActs(Page page, List<List<Control>> groups, String elsewhere)
      throws IOException {
    assertThat(AccessibilityTest.violations(page)).isEmpty();
    Control.act(page, groups, elsewhere);
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void startPage_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = laboratory(scheme);
    byte[] recording =
        page.request().get(address("/api/v1/labs/" + labOf(page) + "/recording")).body();
    page.request().post(address("/api/v1/recordings"), RequestOptions.create().setData(recording));
    for (int i = 0; i < 9; i++) {
      page.request()
          .post(address("/api/v1/labs"), RequestOptions.create().setData(Map.of("frames", 64)));
    }
    page.navigate(address("/"));
    Control.act(
        page,
        List.of(
            List.of(BRAND),
            THEME,
            List.of(
                shows(".open-lab summary", "Enter", "[name=harts]"),
                value("[name=name]", "x", "x"),
                Control.of(
                    "[name=privateFile]",
                    "ArrowDown",
                    "() => document.querySelector('[value=eager]').checked"),
                value("[name=harts]", "ArrowDown", "2"),
                shows(".older summary", "Enter", ".older .labs a"),
                leads(".begin button", LAB),
                leads(".open-lab > button", LAB),
                leads(".scenarios .fact a", "^/compare"),
                leads(".scenario", LAB),
                leads(".labs a", "^/(labs|recordings)/"),
                leads(".calls a", "^/api$"))),
        ".upload *");
    page.setInputFiles(
        ".upload [type=file]",
        new FilePayload("a.recording", "application/octet-stream", recording));
    page.focus(".upload button");
    page.keyboard().press("Enter");
    assertThat(page.locator("#mode")).hasText("REPLAY");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void pageOfAllCalls_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = laboratory(scheme);
    page.navigate(address("/api"));
    Control.act(
        page,
        List.of(
            List.of(BRAND),
            THEME,
            List.of(
                Control.of(".subjects a", "Enter", "() => location.hash === '#Laboratories'"),
                shows(".a-call summary", "Enter", ".trial"),
                Control.of(
                    ".trial label input",
                    "5",
                    "() => document.querySelector('.as-curl').textContent.includes('limit=5')"),
                region(".wide"),
                region(".as-curl"),
                Control.of(
                    "[data-copy]",
                    "Enter",
                    "() => document.querySelector('.copied').textContent === 'copied'"),
                shows(".trial .primary", "Enter", ".answered"),
                region(".answered"),
                shows(".schema summary", "Enter", ".schema table"),
                Control.of(".wide a", "Enter", "() => /^#schema-/.test(location.hash)"))),
        // what programs read
        "main > .fact a");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void choiceOfTwo_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = laboratory(scheme);
    openLaboratory();
    page.navigate(address("/compare"));
    Control.act(
        page,
        List.of(
            List.of(BRAND),
            THEME,
            List.of(
                Control.of(
                    "[name=left]",
                    "End ArrowUp",
                    "() => document.querySelector('[name=left]').selectedIndex > 0"),
                Control.of(
                    "[name=right]",
                    "Home",
                    "() => document.querySelector('[name=right]').selectedIndex === 0"),
                leads(".scenario", "^/compare[?]left"),
                leads(".two-labs button", "^/compare[?]left"))),
        "");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void comparison_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = newPage(scheme);
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    page.navigate(address("/compare"));
    page.click("text=Writing to a private file page");
    assertThat(page.locator(".lesson-call")).isVisible();
    Control.act(
        page,
        List.of(
            List.of(
                shows(".lesson-next", "Enter", ".lesson-outcome"),
                region(".lesson-body"),
                region("#parting"),
                region("#differences"),
                region(".side-body"),
                pins(".size"),
                pins(".vma"),
                pins(".strip", "ArrowRight Enter"),
                place("first", "step 0 of"),
                place("next", "step 1 of"),
                place("back", "step 0 of"),
                place("last", "the newest moment")),
            THEME,
            HELP,
            COMMANDS,
            List.of(
                leads("#left header a", LAB),
                leads("#right header a", LAB),
                leads(".top > a:not(.brand)", "^/compare$"),
                BRAND)),
        "#commands form *, .fold, .lesson-moment, [role=tab]");
  }

  private static Control place(String button, String told) {
    return Control.of(
        "[data-step=" + button + "]",
        "Enter",
        "() => document.querySelector('.place').textContent.includes('%s')".formatted(told));
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void problem_actsByKeyboardAlone_andHoldsToTheRules(ColorScheme scheme) throws IOException {
    Page page = newPage(scheme);
    String nowhere = address("/labs/nowhere");
    String problem =
        page.request()
            .get(nowhere, RequestOptions.create().setHeader("Accept", "text/html"))
            .text();
    // the console would tell of an answer that is not well
    page.route(
        nowhere,
        route -> route.fulfill(new FulfillOptions().setContentType("text/html").setBody(problem)));
    page.navigate(nowhere);
    Control.act(page, List.of(List.of(BRAND, leads("a.button", "^/$")), THEME), "");
    assertThat(AccessibilityTest.violations(page)).isEmpty();
  }

  /** What every page that replays has. */
  private static final List<List<Control>> REPLAYED =
      List.of(
          STORY,
          THEME,
          HELP,
          TRANSLATION,
          FRAMES,
          CHANGES,
          List.of(shows("#tab-changes", "ArrowRight", "#inspector")),
          INSPECTOR,
          TIMELINE);

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void recording_actsByKeyboardAlone(ColorScheme scheme) {
    Page page = laboratory(scheme);
    page.navigate(address("/replay?url=/api/v1/labs/" + labOf(page) + "/recording"));
    waitForTheWholeLog(page);
    Control.act(page, REPLAYED, ELSEWHERE + ", #go-live, .share *");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void savedPage_actsByKeyboardAlone_andHoldsToTheRules(ColorScheme scheme) throws IOException {
    Page page = laboratory(scheme);
    Path file = directory.resolve("saved.html");
    Files.write(file, page.request().get(address("/labs/" + labOf(page) + "/page")).body());
    page.context().setOffline(true);
    page.navigate(file.toUri().toString());
    waitForTheWholeLog(page);
    holdsAndActs(page, List.of(SHARE, THEME), ELSEWHERE + ", #go-live, " + Control.named(REPLAYED));
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void viewLink_actsByKeyboardAlone_andHoldsToTheRules(ColorScheme scheme) throws IOException {
    Page page = laboratory(scheme);
    page.navigate(plain(page) + "?view=1");
    ready(page);
    holdsAndActs(
        page,
        List.of(
            SHARE,
            List.of(moves("[data-step=back]", "Enter"), GO_LIVE),
            PROC,
            List.of(
                shows("#tab-proc", "ArrowRight", "#code"),
                value("#code [name=at]", "0 x 1 0 Enter", "0x10"),
                shows("#code [type=submit]", "Enter", "#code"),
                shows("#tab-code", "ArrowRight", "#terminal"),
                shows("#tab-terminal", "ArrowRight", "#strace"),
                value("#strace [name=pid]", "ArrowUp", "1"),
                region("#strace .proc-text"))),
        ELSEWHERE + ", #terminal form *, " + Control.named(LABORATORY));
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void embeddedPage_actsByKeyboardAlone_andHoldsToTheRules(ColorScheme scheme) throws IOException {
    Page page = laboratory(scheme);
    page.navigate(plain(page) + "?embed=1&panels=story,frames,timeline");
    ready(page);
    holdsAndActs(
        page,
        List.of(
            List.of(
                moves("[data-step=first]", "Enter"),
                moves("[data-step=next]", "Enter"),
                moves("[data-step=last]", "Space"),
                moves("[data-step=back]", "Enter"),
                moves(".step-button >> nth=1", "Enter"),
                region(".steps"),
                value("#speed", "ArrowDown", "2"),
                pressed("#play"),
                released("#play"),
                GO_LIVE,
                pins("#frames", "ArrowRight Enter"),
                pressed("[data-frames=all]"),
                pressed("[data-frames=table]"),
                hides("[data-frames=map]", "Enter", "#frame-list"),
                moves("#timeline", "Home Home"))),
        ELSEWHERE + ", " + Control.named(LABORATORY));
  }
}
