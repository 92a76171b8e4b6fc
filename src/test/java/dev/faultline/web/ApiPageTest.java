package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page that shows all calls, in a real browser and under the policy of every other page. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ApiPageTest {
  @RegisterExtension final Browser browser = new Browser();

  @LocalServerPort int port;

  @Test
  void callsAreShownAndTried_withoutAnotherOriginAndWithoutErrors() {
    String server = "http://127.0.0.1:" + port;
    Page page = browser.newPage();
    List<String> asked = new ArrayList<>();
    page.onRequest(request -> asked.add(request.url()));
    page.navigate(server + "/api");
    var call = page.locator(".opblock-get", new Page.LocatorOptions().setHasText("/api/v1/limits"));
    assertThat(page.locator(".info .title")).containsText("Faultline");
    call.first().click();
    page.getByText("Try it out").click();
    page.locator("button.execute").click();
    assertThat(page.locator(".live-responses-table .response-col_status").last())
        .containsText("200");
    assertThat(asked)
        .isNotEmpty()
        .allMatch(
            url -> url.startsWith(server + "/") || URI.create(url).getScheme().equals("data"));
    assertThat(browser.consoleErrors()).isEmpty();
  }
}
