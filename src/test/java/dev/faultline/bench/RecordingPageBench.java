package dev.faultline.bench;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.LoadState;
import dev.faultline.Faultline;
import dev.faultline.kernel.HostLinux;
import dev.faultline.lab.DataDirectory;
import dev.faultline.web.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.LongToDoubleFunction;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/**
 * A long recording in Chromium: how soon its timeline is painted, its page drawn and all of it
 * read, what a seek takes on the page, by the page's modules alone with the file in memory, and
 * with nothing cached anywhere (a new player, no HTTP cache, the file not in the host's page
 * cache); and the memory. The number of records may be given, 10 million by default.
 *
 * <p>{@code scripts/bench RecordingPageBench}
 */
public final class RecordingPageBench {
  private static final String ID = "benchmark0";
  private static final int SEEKS = 200;

  private static final int OPENED = 5;

  /** Of those that wait for the screen. */
  private static final int DRAWN = 40;

  private static final int LONGEST_MILLIS = 600_000;

  private static final String SEEK =
      """
      const { laboratory } = globalThis.faultline;
      laboratory.seek(Number(moment), 'step');
      while (laboratory.underway) {
        await new Promise((moved) => laboratory.addEventListener('moved', moved, {once: true}));
      }
      """;
  private static final String DRAW =
      "await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));";

  /** What the browser's window takes until it rests: it is made of pages itself. */
  private static final int WINDOW_MILLIS = 2_500;

  private final Browser browser;
  private final String server;
  private final Random random = new Random(1);

  private RecordingPageBench(Browser browser, String server) {
    this.browser = browser;
    this.server = server;
  }

  public static void main(String[] arguments) throws IOException {
    long records = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000_000;
    Path folder = Path.of("target", "bench", "data");
    Path file = folder.resolve("recordings").resolve(ID + ".faultline");
    Files.createDirectories(folder.resolve("recordings"));
    try (DataDirectory data = DataDirectory.temporary()) {
      Path recorded = FaultHeavyRun.record(data, records);
      Files.move(recorded, file, StandardCopyOption.REPLACE_EXISTING);
    }
    try (var server =
            (ServletWebServerApplicationContext)
                SpringApplication.run(
                    Faultline.class,
                    "--server.port=0",
                    "--faultline.data=" + folder,
                    "--logging.level.root=WARN");
        Chromium chromium = Chromium.start();
        HostLinux host = HostLinux.open()) {
      int port = Objects.requireNonNull(server.getWebServer()).getPort();
      var bench = new RecordingPageBench(chromium.browser(), "http://127.0.0.1:" + port);
      System.out.printf("%,d records, %,d bytes%n", records, Files.size(file));
      bench.page();
      bench.modules(host, host.open(file, 0));
    } finally {
      Files.delete(file);
    }
  }

  /** In a window whose own making does not take the processors from the page. */
  private Page newPage() {
    BrowserContext context = browser.newContext();
    context.setDefaultTimeout(LONGEST_MILLIS);
    Page page = context.newPage();
    page.waitForTimeout(WINDOW_MILLIS);
    return page;
  }

  /** From the start page, as people do, whose browser has the scripts from there. */
  private void openedFromTheStartPage() {
    Page page = newPage();
    page.navigate(server + "/");
    page.waitForLoadState(LoadState.NETWORKIDLE);
    System.out.print("from the start page: ");
    opened(page).context().close();
  }

  /** By a browser that has nothing cached. */
  private Page opened() {
    return opened(newPage());
  }

  /** The times are the page's own, from when it is asked for. */
  private Page opened(Page page) {
    page.addInitScript(
        """
        const look = () => {
          if (performance.getEntriesByName('timeline painted').length) globalThis.timelinePainted = performance.now();
          else requestAnimationFrame(look);
        };
        look();
        """);
    page.navigate(server + "/recordings/" + ID);
    page.waitForFunction("() => globalThis.timelinePainted");
    String scripts = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd";
    System.out.printf(
        "timeline painted after %d ms, %d of which the page's scripts took to come%n",
        number(page, "() => Math.round(timelinePainted)"),
        number(page, "() => Math.round(" + scripts + ")"));
    return page;
  }

  private void page() {
    // the first time, the server has yet to warm up
    for (int i = 1; i < OPENED; i++) opened().context().close();
    for (int i = 0; i < OPENED; i++) openedFromTheStartPage();
    Page page = newPage();
    long start = System.nanoTime();
    opened(page);
    page.waitForFunction("() => globalThis.faultline?.laboratory.story");
    System.out.printf("panels drawn after %.0f ms%n", (System.nanoTime() - start) / 1e6);
    page.waitForFunction("() => globalThis.faultline.laboratory.history.start === 0");
    System.out.printf("all of it there after %.0f ms%n", (System.nanoTime() - start) / 1e6);
    page.waitForFunction(
        "() => globalThis.faultline.timeline.lanes.head"
            + " === globalThis.faultline.laboratory.history.head");
    System.out.printf("timeline whole after %.0f ms%n", (System.nanoTime() - start) / 1e6);
    long last = number(page, "() => globalThis.faultline.laboratory.history.head");
    seeks(
        "seek on the page",
        SEEKS,
        last,
        moment -> millis(page, "async (moment) => {" + SEEK + "}", moment));
    seeks(
        "seek on the page until it is drawn",
        DRAWN,
        last,
        moment -> millis(page, "async (moment) => {" + SEEK + DRAW + "}", moment));
    memory(page);
    page.context().close();
  }

  private void modules(HostLinux host, int fd) {
    Page page = newPage();
    page.navigate(server + "/problems");
    CDPSession session = page.context().newCDPSession(page);
    session.send("Network.enable");
    var disabled = new JsonObject();
    disabled.addProperty("cacheDisabled", true);
    session.send("Network.setCacheDisabled", disabled);
    host.evict(fd);
    double open =
        millis(
            page,
            """
            async (file) => {
              const { Recording, Player } = await import('/js/recording.js');
              const { rangeSource, bufferSource } = await import('/js/recording-bytes.js');
              const recording = await Recording.open(await rangeSource(file));
              Object.assign(globalThis, { Recording, Player, bufferSource, recording });
            }
            """,
            "/api/v1/recordings/" + ID + "/file");
    System.out.printf("recording opened by ranges after %.0f ms%n", open);
    long last = number(page, "() => recording.lastMoment");
    seeks(
        "seek with nothing cached",
        SEEKS,
        last,
        moment -> {
          host.evict(fd);
          return millis(page, "(moment) => new Player(recording).seek(Number(moment))", moment);
        });
    page.evaluate(
        """
        async (file) => {
          const bytes = await (await fetch(file)).arrayBuffer();
          globalThis.player = new Player(await Recording.open(bufferSource(bytes)));
        }
        """,
        "/api/v1/recordings/" + ID + "/file");
    seeks(
        "seek with the file in memory",
        SEEKS,
        last,
        moment -> millis(page, "(moment) => player.seek(Number(moment))", moment));
    memory(page);
    host.closeDescriptor(fd);
    page.context().close();
  }

  private static long number(Page page, String expression) {
    return ((Number) page.evaluate(expression)).longValue();
  }

  /** What a call takes in the browser, without the way there and back. */
  private static double millis(Page page, String call, Object argument) {
    Object millis =
        page.evaluate(
            """
            async ({call, argument}) => {
              const work = eval(call);
              const start = performance.now();
              await work(argument);
              return performance.now() - start;
            }
            """,
            Map.of("call", call, "argument", String.valueOf(argument)));
    return ((Number) millis).doubleValue();
  }

  private void seeks(String what, int count, long last, LongToDoubleFunction seek) {
    double[] millis = new double[count];
    for (int i = 0; i < count; i++) {
      millis[i] = seek.applyAsDouble(random.nextLong(last + 1));
    }
    Arrays.sort(millis);
    System.out.printf(
        "%s: median %.1f ms, p95 %.1f ms, worst %.1f ms%n",
        what, millis[count / 2], millis[count * 95 / 100], millis[count - 1]);
  }

  /** Objects, and the bytes of arrays outside of them. */
  private static void memory(Page page) {
    CDPSession session = page.context().newCDPSession(page);
    session.send("HeapProfiler.collectGarbage");
    JsonObject heap = session.send("Runtime.getHeapUsage");
    System.out.printf(
        "memory: %,.0f bytes of objects, %,.0f of arrays%n",
        heap.get("usedSize").getAsDouble(),
        heap.has("backingStorageSize") ? heap.get("backingStorageSize").getAsDouble() : 0);
  }
}
