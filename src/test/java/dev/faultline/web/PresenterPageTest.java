package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Presenting: one page leads, others follow, and each of them may go its own way. */
class PresenterPageTest extends PageTest {
  private Page watch(Page presenter) {
    Page viewer = browser.newStrangersPage();
    viewer.navigate(plain(presenter) + "?view=1");
    ready(viewer);
    return viewer;
  }

  /** Where a page stands in an earlier moment, also before its next frame is drawn. */
  private static String moment(Page page) {
    return (String)
        page.evaluate(
            "() => `#${faultline.laboratory.at} of ${faultline.laboratory.history.head}`");
  }

  private static void present(Page page) {
    page.click(".share summary");
    page.click("#present");
    assertThat(page.locator("#presenting")).isVisible();
  }

  @Test
  void viewers_followMomentAndSelection_untilTheyGoTheirOwnWay() throws IOException {
    Page presenter = openLaboratory();
    command(presenter, "mmap");
    command(presenter, "write");
    Page viewer = watch(presenter);
    assertThat(viewer.locator("#follow")).isHidden();
    present(presenter);
    assertThat(viewer.locator("#follow")).hasText("following");
    presenter.click("[data-step=first]");
    for (int i = 0; i < 5; i++) presenter.keyboard().press("ArrowRight");
    assertThat(viewer.locator("#sequence")).hasText(moment(presenter));
    assertThat(viewer.locator(".step.current")).containsText("reads L2");
    presenter.locator("#frames").focus();
    presenter.keyboard().press("ArrowRight");
    presenter.keyboard().press("Enter");
    viewer.waitForFunction("() => globalThis.faultline.selection.pinned === 'frame:0'");
    presenter.click("#go-live");
    assertThat(viewer.locator("#mode")).hasText("LIVE");

    viewer.keyboard().press("0");
    assertThat(viewer.locator("#follow")).hasText("follow");
    assertThat(viewer.locator("#announcer")).containsText("own way");
    presenter.click("[data-step=back]");
    assertThat(viewer.locator("#sequence")).hasText(Pattern.compile("#0 of \\d+"));
    viewer.focus("#follow");
    viewer.keyboard().press("Enter");
    assertThat(viewer.locator("#sequence")).hasText(moment(presenter));
    for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
      for (Page page : new Page[] {presenter, viewer}) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        assertThat(AccessibilityTest.violations(page)).as(scheme.name()).isEmpty();
      }
    }
    presenter.click("#presenting");
    assertThat(presenter.locator("#presenting")).isHidden();
    assertThat(viewer.locator("#follow")).isHidden();
  }

  @Test
  void viewer_branchesACopyOfItsOwn_whereThePresenterStands() {
    Page presenter = openLaboratory();
    command(presenter, "mmap");
    present(presenter);
    Page viewer = watch(presenter);
    assertThat(viewer.locator("#follow")).hasText("following");
    String lab = labOf(viewer);
    viewer.locator("#branch button").focus();
    assertThat(viewer.locator("#branch button")).hasText("branch my copy");
    viewer.keyboard().press("Enter");
    assertThat(viewer.locator("#parent")).isVisible();
    ready(viewer);
    assertThat(viewer.locator(".vma")).hasCount(1);
    command(viewer, "munmap");
    assertThat(viewer.locator(".vma")).hasCount(0);
    assertThat(presenter.locator(".vma")).hasCount(1);
    assertThat(labOf(viewer)).isNotEqualTo(lab);
  }

  @Test
  void secondPresenter_takesOver_andAClosedPageEndsIt() {
    Page one = openLaboratory();
    present(one);
    Page other = browser.newStrangersPage();
    other.navigate(plain(one));
    ready(other);
    assertThat(other.locator("#follow")).hasText("follow");
    present(other);
    assertThat(one.locator("#presenting")).isHidden();
    assertThat(one.locator("#follow")).hasText("follow");
    give(one, labOf(one), List.of(Map.of("do", "spawn", "name", "other")));
    assertThat(one.locator("#mode")).hasText("LIVE");
    other.navigate("about:blank");
    assertThat(one.locator("#follow")).isHidden();
  }

  @Test
  void presentersPage_thatCrashes_leavesNobodyFollowing() {
    Page presenter = openLaboratory(browser.newStrangersPage(), List.of());
    present(presenter);
    Page viewer = watch(presenter);
    assertThat(viewer.locator("#follow")).hasText("following");
    assertThatThrownBy(() -> presenter.navigate("chrome://crash")).hasMessageContaining("crash");
    assertThat(viewer.locator("#follow")).isHidden();
  }

  @Test
  void presenter_whoseConnectionWasLost_presentsOn() {
    Page presenter = openLaboratory();
    presenter.addInitScript(
        """
        globalThis.sockets = [];
        globalThis.WebSocket = class extends WebSocket {
          constructor(address, ...protocols) {
            super(address, ...protocols);
            if (String(address).includes('presenter-stream')) sockets.push(this);
          }
        };
        """);
    presenter.reload();
    ready(presenter);
    present(presenter);
    Page viewer = watch(presenter);
    assertThat(viewer.locator("#follow")).hasText("following");
    presenter.evaluate("() => sockets[0].close()");
    presenter.waitForFunction(
        "() => sockets.length > 1 && sockets[1].readyState === WebSocket.OPEN");
    presenter.keyboard().press("0");
    assertThat(viewer.locator("#sequence")).hasText(Pattern.compile("#0 of \\d+"));
    assertThat(viewer.locator("#follow")).hasText("following");
    assertThat(presenter.locator("#presenting")).isVisible();
  }
}
