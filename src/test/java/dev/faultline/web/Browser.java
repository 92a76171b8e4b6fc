package dev.faultline.web;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.faultline.Missing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A real browser for tests: {@code @RegisterExtension final Browser browser = new Browser();}. One
 * Chromium serves all test classes of a JVM; each page has a context (cookies, storage) of its own.
 */
final class Browser implements BeforeEachCallback, AfterEachCallback {
  /** A machine on which much else runs still gets there. */
  private static final int SLOWEST_MILLIS = 30_000;

  private final List<BrowserContext> contexts = new ArrayList<>();
  private final List<String> consoleErrors = new ArrayList<>();
  private @Nullable Chromium chromium;

  @Override
  public void beforeEach(ExtensionContext test) {
    var store = test.getRoot().getStore(Namespace.create(Browser.class));
    chromium = store.computeIfAbsent(Chromium.class, key -> Chromium.start(), Chromium.class);
  }

  @Override
  public void afterEach(ExtensionContext test) {
    contexts.forEach(BrowserContext::close);
  }

  /** Opens an empty page that shares nothing with any other. */
  Page newPage() {
    if (chromium == null) throw new IllegalStateException("not registered as an extension");
    var context = chromium.browser.newContext();
    contexts.add(context);
    context.setDefaultTimeout(SLOWEST_MILLIS);
    PlaywrightAssertions.setDefaultAssertionTimeout(SLOWEST_MILLIS);
    var page = context.newPage();
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")) {
        consoleErrors.add(message.text() + " (" + message.location() + ")");
      }
    });
    page.onPageError(consoleErrors::add);
    return page;
  }

  /** What this test's pages have complained about so far. */
  List<String> consoleErrors() {
    return Collections.unmodifiableList(consoleErrors);
  }

  private record Chromium(Playwright playwright, com.microsoft.playwright.Browser browser)
      implements AutoCloseable {
    /** The first four let it run as root and without a GPU, the others keep it off the network. */
    private static final List<String> FLAGS =
        List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    static Chromium start() {
      var environment = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
      var playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
      try {
        var options = new LaunchOptions().setArgs(FLAGS);
        executable().ifPresent(options::setExecutablePath);
        return new Chromium(playwright, playwright.chromium().launch(options));
      } catch (PlaywrightException e) {
        playwright.close();
        throw Missing.thing(
            "no Chromium that starts: install Debian's package chromium or Playwright's own build"
                + " (npx playwright install chromium), or name one with -Dfaultline.chromium=PATH",
            e);
      }
    }

    /** A Chromium of this machine; none leaves Playwright to look for the one it has installed. */
    private static Optional<Path> executable() {
      var named = System.getProperty("faultline.chromium");
      if (named != null) return Optional.of(Path.of(named));
      return Stream.of("chromium", "chromium-browser", "google-chrome")
          .map(name -> Path.of("/usr/bin", name))
          .filter(Files::isExecutable)
          .findFirst();
    }

    @Override
    public void close() {
      playwright.close();
    }
  }
}
