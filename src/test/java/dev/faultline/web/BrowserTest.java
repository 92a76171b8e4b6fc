package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BrowserTest {
  @RegisterExtension final Browser browser = new Browser();

  @Test
  void script_runsInThePage() {
    var page = browser.newPage();
    page.setContent(
        "<p>before</p><script>document.querySelector('p').textContent = 'after'</script>");
    assertThat(page.textContent("p")).isEqualTo("after");
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void failingScript_isAConsoleError() {
    browser.newPage().setContent("<script>throw new Error('on purpose')</script>");
    assertThat(browser.consoleErrors()).singleElement().asString().contains("on purpose");
  }
}
