package dev.faultline.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FormData;
import com.microsoft.playwright.options.LoadState;
import com.microsoft.playwright.options.RequestOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each page asks of the network when a browser opens it for the first time. */
class FirstLoadTest extends PageTest {
  /** Compressed, as it comes over the network. */
  private static final long MOST_BYTES = 300 * 1024;

  private final AtomicLong bytes = new AtomicLong();
  private final List<String> requests = new ArrayList<>();
  private Page page;

  /** A browser that has seen nothing of the server yet. */
  @BeforeEach
  void watch() {
    page = browser.newStrangersPage();
    page.onRequest(request -> requests.add(request.url()));
    page.onWebSocket(socket -> requests.add(socket.url()));
    CDPSession network = page.context().newCDPSession(page);
    network.on(
        "Network.loadingFinished",
        (JsonObject event) -> bytes.addAndGet(event.get("encodedDataLength").getAsLong()));
    network.send("Network.enable");
  }

  /** The address that a form of the start page leads to. */
  private String sent(String form, FormData fields) {
    APIResponse answer =
        page.request()
            .post(address(form), RequestOptions.create().setForm(fields).setMaxRedirects(0));
    assertThat(answer.status()).as(answer.text()).isEqualTo(302);
    return Objects.requireNonNull(answer.headers().get("location"));
  }

  private String laboratory() {
    String opened = sent("/labs", FormData.create());
    String lab = opened.replaceFirst(".*/labs/", "");
    give(page, lab, List.of(mapping(), write(1, "once")));
    return "/labs/" + lab;
  }

  private void isSmallAndOfThisServerAlone() {
    assertThat(bytes.get()).isBetween(4_000L, MOST_BYTES);
    assertThat(requests)
        .isNotEmpty()
        .allMatch(url -> url.matches("(https?|ws)://127\\.0\\.0\\.1:" + port + "/.*|data:.*"));
    namesItsModulesAtOnce();
  }

  /** None is found only when the one that imports it has come. */
  private void namesItsModulesAtOnce() {
    assertThat(
            page.evaluate(
                """
                () => {
                  const named = new Set([...document.querySelectorAll('link[rel=modulepreload], link[rel=prefetch]')].map(({href}) => href));
                  return performance.getEntriesByType('resource')
                    .map(({name}) => name)
                    .filter((name) => name.includes('/assets/') && name.endsWith('.js') && !named.has(name));
                }
                """))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .isEmpty();
  }

  @Test
  void startPage() {
    page.navigate(address("/"));
    assertThat(page.locator(".scenario").first()).isVisible();
    isSmallAndOfThisServerAlone();
  }

  @Test
  void laboratory_reachedFromTheStartPage() {
    page.navigate(address("/"));
    page.click("text=Open a new laboratory");
    ready(page);
    isSmallAndOfThisServerAlone();
  }

  @Test
  void viewLink() {
    page.navigate(address(laboratory() + "?view=1"));
    ready(page);
    isSmallAndOfThisServerAlone();
  }

  @Test
  void embeddedPage() {
    page.navigate(address(laboratory() + "?embed=1&panels=story,frames"));
    ready(page);
    isSmallAndOfThisServerAlone();
  }

  @Test
  void scenario() {
    page.navigate(sent("/scenarios/private-file-write", FormData.create()));
    ready(page);
    assertThat(page.locator(".lesson-call")).isVisible();
    isSmallAndOfThisServerAlone();
  }

  @Test
  void comparison() {
    page.navigate(sent("/compare", FormData.create().set("scenario", "private-file-write")));
    assertThat(page.locator("#right .sentence")).not().isEmpty();
    isSmallAndOfThisServerAlone();
  }

  @Test
  void recording() {
    page.navigate(address("/replay?url=/api/v1" + laboratory() + "/recording"));
    waitForTheWholeLog(page);
    isSmallAndOfThisServerAlone();
  }

  @Test
  void secondPage_bringsNoModuleOrStyleAgain() {
    page.navigate(address(laboratory()));
    ready(page);
    page.navigate(address(laboratory()));
    ready(page);
    bringsNoModuleOrStyle();
  }

  @Test
  void laboratory_afterALookAtTheStartPage_bringsNoModuleOrStyle() {
    page.navigate(address("/"));
    page.waitForLoadState(LoadState.NETWORKIDLE);
    page.navigate(address(laboratory()));
    ready(page);
    bringsNoModuleOrStyle();
  }

  private void bringsNoModuleOrStyle() {
    assertThat(
            page.evaluate(
                """
                () => performance.getEntriesByType('resource')
                  .filter(({name, transferSize}) => /\\.(js|css)$/.test(name) && name.includes('/assets/') && transferSize > 0)
                  .map(({name}) => name)
                """))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .isEmpty();
  }

  @Test
  void savedPage_asksForNothing(@TempDir Path directory) throws IOException {
    byte[] saved = page.request().get(address(laboratory() + "/page")).body();
    Path file = directory.resolve("saved.html");
    Files.write(file, saved);
    page.navigate(file.toUri().toString());
    waitForTheWholeLog(page);
    assertThat(requests).allMatch(url -> url.startsWith("file:") || url.startsWith("data:"));
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(saved);
    }
    assertThat(compressed.size()).isLessThan((int) MOST_BYTES);
  }

  @Test
  void descriptionOfTheApi() {
    page.navigate(address("/api"));
    assertThat(page.locator(".a-call").first()).isVisible();
    assertThat(requests).allMatch(url -> url.startsWith(address("/")) || url.startsWith("data:"));
  }
}
