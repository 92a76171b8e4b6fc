package dev.faultline.web;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
    var context = chromium.browser().newContext();
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
}
