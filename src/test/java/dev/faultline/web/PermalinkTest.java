package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page's address names the moment and the selection that are shown. */
class PermalinkTest extends PageTest {
  private Page page;
  private String lab;

  @BeforeEach
  void open() {
    page = openLaboratory();
    lab = plain(page);
  }

  @Test
  void address_namesTheMomentOnlyWhileTheReaderIsNotAtTheHead() {
    page.keyboard().press("0");
    assertThat(page).hasURL(Pattern.compile("[?&]at=0\\b"));
    page.keyboard().press(".");
    assertThat(page).hasURL(Pattern.compile("[?&]at=1\\b"));
    page.click("#go-live");
    assertThat(page).not().hasURL(Pattern.compile("[?&]at="));
  }

  @Test
  void link_opened_showsItsMomentAndItsSelection() {
    page.navigate(lab + "?at=3&sel=1:0x10000abc,frame:1");
    assertThat(page.locator("#sequence")).hasText(Pattern.compile("#3 of \\d+"));
    assertThat(page.locator("#mode")).hasText("REPLAY");
    assertThat(page.locator("#address")).hasValue("0x10000abc");
    assertThat(page.evaluate("() => globalThis.faultline.selection.pinned")).isEqualTo("frame:1");
    assertThat(page).hasURL(lab + "?at=3&sel=1:0x10000abc,frame:1");
  }

  @Test
  void link_thatNamesNothing_saysSo() {
    page.navigate(lab + "?at=soon");
    assertThat(page.locator("#answer")).containsText("at=soon is no sequence number");
    page.navigate(lab + "?at=99999999");
    assertThat(page.locator("#answer")).containsText("later than the last record");
  }

  @Test
  void backAndForward_goFromStoryToStory() {
    page.keyboard().press("0");
    assertThat(page).hasURL(Pattern.compile("[?&]at=0\\b"));
    page.keyboard().press("5");
    assertThat(page).not().hasURL(Pattern.compile("[?&]at=0\\b"));
    String middle = page.url();
    page.goBack();
    assertThat(page.locator("#sequence")).hasText(Pattern.compile("#0 of \\d+"));
    page.goBack();
    assertThat(page.locator("#mode")).hasText("LIVE");
    page.goForward();
    page.goForward();
    assertThat(page).hasURL(middle);
    assertThat(page.locator("#mode")).hasText("REPLAY");
  }

  @Test
  void copyLink_byKeyboard_copiesTheMoment() {
    BrowserContext context = page.context();
    context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
    page.focus(".share summary");
    page.keyboard().press("Enter");
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    assertThat(page.locator("#copy-link")).hasText("copied");
    Object copied = page.evaluate("() => navigator.clipboard.readText()");
    Object at = page.evaluate("() => globalThis.faultline.laboratory.at");
    assertThat((String) copied).startsWith(lab + "?at=" + at);
  }
}
