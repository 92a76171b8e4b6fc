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
 * Chromium serves all test classes of a JVM. It keeps the scripts and styles that it has seen, as
 * people's browsers do, and forgets everything else after each test.
 */
final class Browser implements BeforeEachCallback, AfterEachCallback {
  /** A machine on which much else runs still gets there. */
  private static final int SLOWEST_MILLIS = 30_000;

  private final List<BrowserContext> strangers = new ArrayList<>();
  private final List<Page> pages = new ArrayList<>();
  private final List<String> consoleErrors = new ArrayList<>();
  private @Nullable Chromium chromium;
  private @Nullable BrowserContext acquainted;

  @Override
  public void beforeEach(ExtensionContext test) {
    var store = test.getRoot().getStore(Namespace.create(Browser.class));
    Chromium started =
        store.computeIfAbsent(Chromium.class, key -> Chromium.start(), Chromium.class);
    acquainted =
        store.computeIfAbsent(
            BrowserContext.class, key -> newContext(started), BrowserContext.class);
    chromium = started;
  }

  @Override
  public void afterEach(ExtensionContext test) {
    strangers.forEach(BrowserContext::close);
    pages.stream().filter(page -> !page.isClosed()).forEach(Browser::forget);
    if (acquainted != null) {
      acquainted.clearCookies();
      acquainted.clearPermissions();
      acquainted.setOffline(false);
    }
  }

  private static BrowserContext newContext(Chromium chromium) {
    BrowserContext context = chromium.browser().newContext();
    context.setDefaultTimeout(SLOWEST_MILLIS);
    PlaywrightAssertions.setDefaultAssertionTimeout(SLOWEST_MILLIS);
    return context;
  }

  private static void forget(Page page) {
    if (page.url().startsWith("http")) {
      page.evaluate("() => localStorage.clear()");
    }
    page.close();
  }

  /** Opens an empty page. */
  Page newPage() {
    if (acquainted == null) throw new IllegalStateException("not registered as an extension");
    Page page = listenedTo(acquainted.newPage());
    pages.add(page);
    return page;
  }

  /** The same in a browser of its own, that has seen nothing of any server yet and may crash. */
  Page newStrangersPage() {
    if (chromium == null) throw new IllegalStateException("not registered as an extension");
    BrowserContext context = newContext(chromium);
    strangers.add(context);
    return listenedTo(context.newPage());
  }

  private Page listenedTo(Page page) {
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
