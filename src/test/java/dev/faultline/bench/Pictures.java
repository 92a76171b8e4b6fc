package dev.faultline.bench;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser.NewPageOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.RequestOptions;
import dev.faultline.Faultline;
import dev.faultline.web.Chromium;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes a picture of every scenario's moment, as target/pictures/ID.png, and those of the README:
 * docs/laboratory.png, and docs/copy-on-write.png, which moves.
 *
 * <p>{@code scripts/bench Pictures}
 */
public final class Pictures {
  private static final String COPY_ON_WRITE = "private-file-write";
  private static final int STEP_MILLIS = 900;
  private static final int LAST_MILLIS = 4_000;
  private static final Path FOLDER = Path.of("target", "pictures");
  private static final Path DOCS = Path.of("docs");

  private final Chromium chromium;
  private final String server;

  private Pictures(Chromium chromium, String server) {
    this.chromium = chromium;
    this.server = server;
  }

  public static void main(String[] arguments) throws IOException {
    try (var server =
            (ServletWebServerApplicationContext)
                SpringApplication.run(
                    Faultline.class, "--server.port=0", "--logging.level.root=WARN");
        Chromium chromium = Chromium.start()) {
      int port = Objects.requireNonNull(server.getWebServer()).getPort();
      var pictures = new Pictures(chromium, "http://127.0.0.1:" + port);
      Files.createDirectories(FOLDER);
      List<String> ids = arguments.length > 0 ? List.of(arguments) : pictures.scenarios();
      for (String id : ids) {
        pictures.scenario(id);
      }
      pictures.copyOnWrite();
    }
  }

  private List<String> scenarios() {
    try (Page page = newPage(1280, 800)) {
      JsonNode list =
          JsonMapper.shared().readTree(page.request().get(server + "/api/v1/scenarios").body());
      JsonNode items = list.isArray() ? list : list.get("scenarios");
      return StreamSupport.stream(items.spliterator(), false)
          .map(scenario -> scenario.get("id").asString())
          .toList();
    }
  }

  private Page newPage(int width, int height) {
    return chromium.browser().newPage(new NewPageOptions().setViewportSize(width, height));
  }

  /** A scenario at its moment. */
  private Page atTheMoment(String id, int width, int height) {
    Page page = newPage(width, height);
    APIResponse opened =
        page.request()
            .post(server + "/scenarios/" + id, RequestOptions.create().setMaxRedirects(0));
    page.navigate(opened.headers().get("location"));
    page.waitForSelector("#mode.live");
    Locator moment = page.locator(".lesson-moment");
    while (moment.isHidden()) {
      String note = page.textContent("#lesson");
      page.click(".lesson-next");
      page.waitForFunction(
          "(note) => document.querySelector('#lesson').textContent !== note", note);
    }
    moment.click();
    return page;
  }

  private void scenario(String id) {
    try (Page page = atTheMoment(id, 1280, 800)) {
      shot(page, FOLDER.resolve(id + ".png"));
      if (id.equals(COPY_ON_WRITE)) {
        shot(page, DOCS.resolve("laboratory.png"));
      }
      System.out.println(id);
    }
  }

  /** Everything that the moment has set off is drawn before it is taken. */
  private static byte[] shot(Page page, Path file) {
    page.evaluate(
        "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() =>"
            + " setTimeout(drawn, 100))))");
    return page.screenshot(new ScreenshotOptions().setPath(file));
  }

  /** The story of the copy, step by step. */
  private void copyOnWrite() throws IOException {
    try (Page page = atTheMoment(COPY_ON_WRITE, 1280, 800)) {
      page.click("[data-step=first]");
      var animation = new AnimatedPng(1280, 800);
      boolean isLast = false;
      while (!isLast) {
        page.click("[data-step=next]");
        isLast = page.locator("[data-step=next]").isDisabled();
        byte[] picture = shot(page, FOLDER.resolve("step.png"));
        animation.add(
            ImageIO.read(new ByteArrayInputStream(picture)), isLast ? LAST_MILLIS : STEP_MILLIS);
      }
      Path file = DOCS.resolve("copy-on-write.png");
      try (var out = Files.newOutputStream(file)) {
        animation.write(out);
      }
      System.out.printf("%s: %,d bytes%n", file, Files.size(file));
    }
  }
}
