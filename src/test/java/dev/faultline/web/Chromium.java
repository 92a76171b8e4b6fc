package dev.faultline.web;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import dev.faultline.Missing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The Chromium of this machine, without a window. */
public record Chromium(Playwright playwright, Browser browser) implements AutoCloseable {
  /**
   * What Playwright turns off, whose own list is not heard beside this one, and the pages of which
   * the address bar of every new window is made: they take a processor for a quarter of a second.
   */
  private static final String FEATURES_OFF =
      String.join(
          ",",
          "AutoDeElevate",
          "AvoidUnnecessaryBeforeUnloadCheckSync",
          "BlockOriginHeaderModificationOnRedirect",
          "BoundaryEventDispatchTracksNodeRemoval",
          "DestroyProfileOnBrowserClose",
          "DialMediaRouteProvider",
          "GlobalMediaControls",
          "HttpsUpgrades",
          "LensOverlay",
          "MediaRouter",
          "OptimizationHints",
          "PaintHolding",
          "ThirdPartyStoragePartitioning",
          "Translate",
          "WebUIOmniboxAimPopup",
          "WebUIOmniboxPopup");

  /** The first four let it run as root and without a GPU, the others keep it off the network. */
  private static final List<String> FLAGS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--disable-features=" + FEATURES_OFF);

  public static Chromium start() {
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
