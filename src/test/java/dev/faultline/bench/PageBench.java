package dev.faultline.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import dev.faultline.Faultline;
import dev.faultline.web.Chromium;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/**
 * The page of a laboratory in Chromium, 1280 by 800, as a table: bytes of the first load; frames in
 * which 2,000 entries change; a key until its step is painted, live and in replay; a command until
 * its story is painted; seeks into commands that change 60,000 pages; how far the page keeps up
 * with a stream of changes and with a burst of them, and the memory it takes then. "Painted" is
 * when a task after the next animation frame runs; script is what the page runs for the act, for
 * the drawing, and once that is laid out. Nothing is warmed up: the first of sixty times are
 * slower, and are among them, save in the row that says otherwise. Times are the clock's, which
 * others on the machine lengthen; "of the processor" are those that the page's own thread worked:
 * for its script, for style and layout, and for all of a drawing. Changes a second and their number
 * may be given, 50,000 and 1,000,000 by default.
 *
 * <p>{@code scripts/bench PageBench}, or {@code scripts/bench PageBench 50000 200000} for fewer
 */
public final class PageBench {
  private static final int PAGES = 2_000;
  private static final int TIMES = 60;
  private static final int LONGEST_MILLIS = 120_000;
  private static final int STREAMED_PAGES = 16;
  private static final int MANY_PAGES = 60_000;

  /** Changes that one request makes while the page is looked at. */
  private static final int BURST = 200_000;

  private static final long BASE = 0x10000000L;
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Made before the page's own, so that it is told first of what a frame has laid out. */
  private static final String FIRST_OBSERVER =
      "globalThis.first = new ResizeObserver(() => (globalThis.laidOut = performance.now()));";

  /**
   * Milliseconds that an act on the laboratory takes: of script, in its frame, until painted.
   * Script is what runs for the act, in the drawing, and once that is laid out.
   */
  private static final String TIME =
      """
      async (times) => {
        const { laboratory } = globalThis.faultline;
        const rows = [];
        let longest = 0;
        let placed = 0;
        const last = new ResizeObserver(() => (placed = performance.now() - globalThis.laidOut));
        const observer = new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => (longest = Math.max(longest, duration))));
        observer.observe({type: 'longtask'});
        for (let i = 0; i < times; i++) {
          await new Promise((idle) => setTimeout(idle, 30));
          await new Promise(requestAnimationFrame);
          const row = await new Promise((done) => {
            const before = performance.now();
            let begun = 0;
            requestAnimationFrame(() => {
              begun = performance.now();
              for (const observer of [globalThis.first, last]) {
                observer.unobserve(document.documentElement);
                observer.observe(document.documentElement);
              }
            });
            ACT;
            const acted = performance.now();
            // behind the drawing that the act has asked for
            requestAnimationFrame(() => {
              const drawn = performance.now();
              setTimeout(() => done([acted - before + drawn - begun + placed, acted - before + performance.now() - begun, performance.now() - before]));
            });
          });
          rows.push(row);
        }
        observer.disconnect();
        return [...[0, 1, 2].map((n) => rows.map((row) => row[n])), [longest]];
      }
      """;

  private final Chromium chromium;
  private final String server;

  private PageBench(Chromium chromium, String server) {
    this.chromium = chromium;
    this.server = server;
  }

  public static void main(String[] arguments) throws Exception {
    int rate = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 50_000;
    int changes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
    try (var server =
            (ServletWebServerApplicationContext)
                SpringApplication.run(
                    Faultline.class, "--server.port=0", "--logging.level.root=WARN");
        Chromium chromium = Chromium.start()) {
      int port = Objects.requireNonNull(server.getWebServer()).getPort();
      var bench = new PageBench(chromium, "http://127.0.0.1:" + port);
      bench.drawing();
      bench.longOperations();
      bench.streaming(rate, changes);
    }
  }

  private static void row(String what, String value, String hold) {
    System.out.printf("%-46s %-52s hold %s%n", what, value, hold);
  }

  private void drawing() throws IOException, InterruptedException {
    String lab = open("{\"frames\":16384}");
    give(lab, mmap(PAGES, ",\"POPULATE\""));
    for (int i = 0; i < 4; i++) {
      give(
          lab,
          "[{\"do\":\"mprotect\",\"pid\":1,\"address\":%d,\"length\":%d,\"prot\":[%s]}]"
              .formatted(BASE, PAGES * 4096, i % 2 == 0 ? "\"READ\"" : "\"READ\",\"WRITE\""));
    }
    BrowserContext context = newContext();
    context.addInitScript(FIRST_OBSERVER);
    Page page = context.newPage();
    CDPSession session = context.newCDPSession(page);
    var bytes = new AtomicLong();
    session.on(
        "Network.loadingFinished",
        (JsonObject event) -> bytes.addAndGet(event.get("encodedDataLength").getAsLong()));
    session.send("Network.enable");
    show(page, lab);
    row("first load, compressed", "%,d bytes".formatted(bytes.get()), "307,200");
    String entries = "laboratory.seek(laboratory.history.head - 100 - 2000 * (i % 2), 'change')";
    tell(session, page, "frame with 2,000 changes", entries, "script 4, p95 16.7");
    tell(session, page, "the same, once it is warm", entries, "script 4, p95 16.7");
    String step = key("i % 2 ? 'ArrowRight' : 'ArrowLeft'");
    tell(session, page, "step key, in the newest story", step, "p95 100");
    page.evaluate("() => globalThis.faultline.laboratory.seek(500, 'step')");
    tell(session, page, "step key, in replay", step, "p95 32");
    page.evaluate("() => globalThis.faultline.laboratory.goLive()");
    row("command until its story is painted", commands(page, lab), "p95 100");
    context.close();
  }

  private static String key(String name) {
    return "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: "
        + name
        + ", bubbles: true}))";
  }

  @SuppressWarnings("unchecked")
  private static List<List<Number>> times(Page page, String act) {
    return (List<List<Number>>) page.evaluate(TIME.replace("ACT", act), TIMES);
  }

  private static void tell(CDPSession session, Page page, String what, String act, String hold) {
    JsonObject threadTime = new JsonObject();
    threadTime.addProperty("timeDomain", "threadTicks");
    session.send("Performance.enable", threadTime);
    Map<String, Double> before = metrics(session);
    List<List<Number>> times = times(page, act);
    Map<String, Double> after = metrics(session);
    session.send("Performance.disable");
    row(
        what,
        "script %s, frame %s, painted %s ms, longest task %.0f"
            .formatted(
                quantiles(times.get(0)),
                quantiles(times.get(1)),
                quantiles(times.get(2)),
                times.get(3).getFirst().doubleValue()),
        hold);
    var work = new ArrayList<Object>();
    for (String name :
        List.of("ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration")) {
      work.add((number(after, name) - number(before, name)) * 1000 / TIMES);
    }
    work.add((number(after, "LayoutCount") - number(before, "LayoutCount")) / TIMES);
    row(
        "  of the processor, on average",
        "script %.1f, style %.1f, layout %.1f, all %.1f ms, %.1f layouts".formatted(work.toArray()),
        "");
  }

  private static double number(Map<String, Double> metrics, String name) {
    return Objects.requireNonNull(metrics.get(name), name);
  }

  private static Map<String, Double> metrics(CDPSession session) {
    Map<String, Double> metrics = new HashMap<>();
    for (JsonElement metric : session.send("Performance.getMetrics").getAsJsonArray("metrics")) {
      JsonObject named = metric.getAsJsonObject();
      metrics.put(named.get("name").getAsString(), named.get("value").getAsDouble());
    }
    return metrics;
  }

  /** Median and 95th percentile. */
  private static String quantiles(List<Number> values) {
    double[] sorted = values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
    return "%.1f/%.1f"
        .formatted(sorted[sorted.length / 2], sorted[(int) Math.ceil(sorted.length * 0.95) - 1]);
  }

  /** From the request to the painted story, with what the server takes. */
  @SuppressWarnings("unchecked")
  private static String commands(Page page, String lab) {
    var times =
        (List<Number>)
            page.evaluate(
                """
                async ({lab, times, base}) => {
                  const { laboratory } = globalThis.faultline;
                  const taken = [];
                  for (let i = 0; i < times; i++) {
                    const before = performance.now();
                    const told = new Promise((done) => laboratory.addEventListener('operation', done, {once: true}));
                    fetch(`/api/v1/labs/${lab}/commands`, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({do: 'read', pid: 1, address: base, length: 1})});
                    await told;
                    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                    taken.push(performance.now() - before);
                  }
                  return taken;
                }
                """,
                Map.of("lab", lab, "times", TIMES, "base", (int) BASE));
    return quantiles(times) + " ms";
  }

  /** Commands as fast as asked for, while the page is looked at. */
  private void streaming(int rate, int changes) throws IOException, InterruptedException {
    String lab = open("{\"frames\":256}");
    give(lab, work());
    BrowserContext context = newContext();
    Page page = context.newPage();
    show(page, lab);
    page.evaluate(
        """
        () => {
          const { laboratory } = globalThis.faultline;
          globalThis.seen = {frames: [], gaps: 0, longest: 0, last: 0};
          laboratory.addEventListener('beginning', () => seen.gaps++);
          const tick = (now) => {
            if (seen.last) seen.frames.push(now - seen.last);
            seen.last = now;
            requestAnimationFrame(tick);
          };
          requestAnimationFrame(tick);
          new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => (seen.longest = Math.max(seen.longest, duration)))).observe({type: 'longtask'});
        }
        """);
    long first = head(lab);
    long start = System.nanoTime();
    long sent = 0;
    while (sent < changes) {
      if (sent > (System.nanoTime() - start) / 1e9 * rate) {
        TimeUnit.MILLISECONDS.sleep(1);
      } else {
        give(lab, work());
        sent = head(lab) - first;
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long head = head(lab);
    page.waitForFunction(
        "(head) => globalThis.faultline.laboratory.history.head >= head", (int) head);
    double behind = (System.nanoTime() - start) / 1e9 - seconds;
    row(
        "stream of %,d changes".formatted(sent),
        "%,.0f a second, page at the end %.2f s later, jumps told %s"
            .formatted(sent / seconds, behind, page.evaluate("() => seen.gaps")),
        "50,000");
    @SuppressWarnings("unchecked")
    var frames = (List<Number>) page.evaluate("() => seen.frames");
    row(
        "frames meanwhile",
        "%s ms, longest task %s"
            .formatted(quantiles(frames), page.evaluate("() => Math.round(seen.longest)")),
        "p95 16.7, no task over 50");
    burst(page, lab);
    seeks(page);
    CDPSession session = context.newCDPSession(page);
    session.send("HeapProfiler.collectGarbage");
    JsonObject usage = session.send("Runtime.getHeapUsage");
    double bytes = 0;
    for (String kind : List.of("usedSize", "embedderHeapUsedSize", "backingStorageSize")) {
      bytes += usage.has(kind) ? usage.get(kind).getAsDouble() : 0;
    }
    row("memory then: objects, elements, buffers", "%.0f MiB".formatted(bytes / (1 << 20)), "150");
    context.close();
  }

  /**
   * Many changes at once: how long the page takes until it has all of them, and whether it answers
   * meanwhile.
   */
  private void burst(Page page, String lab) throws IOException, InterruptedException {
    page.evaluate("() => Object.assign(seen, {frames: [], longest: 0, last: 0})");
    long first = head(lab);
    String once = work();
    give(lab, once);
    long each = head(lab) - first;
    String all =
        Stream.generate(() -> once.substring(1, once.length() - 1))
            .limit(BURST / each)
            .collect(Collectors.joining(",", "[", "]"));
    long start = System.nanoTime();
    give(lab, all);
    double server = (System.nanoTime() - start) / 1e9;
    long head = head(lab);
    page.waitForFunction(
        "(head) => globalThis.faultline.laboratory.history.head >= head", (int) head);
    row(
        "burst of %,d changes".formatted(head - first),
        "%.2f s on the server, on the page after %.2f s, jumps told %s"
            .formatted(server, (System.nanoTime() - start) / 1e9, page.evaluate("() => seen.gaps")),
        "none lost");
    @SuppressWarnings("unchecked")
    var frames = (List<Number>) page.evaluate("() => seen.frames");
    row(
        "frames meanwhile",
        "%s ms, longest task %s"
            .formatted(quantiles(frames), page.evaluate("() => Math.round(seen.longest)")),
        "no task over 50");
  }

  /** Waits until the page has read over the whole log; gives its last record. */
  private static int readOver(Page page) {
    page.waitForFunction(
        "() => globalThis.faultline.timeline.lanes.head"
            + " === globalThis.faultline.laboratory.history.head");
    return (int) page.evaluate("() => globalThis.faultline.laboratory.history.head");
  }

  /** To moments of the whole log, once the page has read over it. */
  @SuppressWarnings("unchecked")
  private static void seeks(Page page) {
    int head = readOver(page);
    var random = new Random(1);
    var times =
        (List<Number>)
            page.evaluate(
                """
                async (moments) => {
                  const taken = [];
                  const { laboratory } = globalThis.faultline;
                  for (const moment of moments) {
                    const before = performance.now();
                    laboratory.seek(moment, 'step');
                    while (laboratory.underway) await new Promise((moved) => laboratory.addEventListener('moved', moved, {once: true}));
                    taken.push(performance.now() - before);
                    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                  }
                  return taken;
                }
                """,
                random.ints(TIMES, 0, head + 1).boxed().toList());
    row("seek in the %,d records then".formatted(head), quantiles(times) + " ms", "p95 16");
  }

  /** To moments within single commands that change many thousand pages. */
  @SuppressWarnings("unchecked")
  private void longOperations() throws IOException, InterruptedException {
    String lab = open("{\"frames\":65536}");
    give(lab, mmap(MANY_PAGES, ",\"POPULATE\""));
    give(lab, "{\"do\":\"fork\",\"pid\":1}");
    give(
        lab,
        "{\"do\":\"munmap\",\"pid\":1,\"address\":%d,\"length\":%d}"
            .formatted(BASE, MANY_PAGES * 4096));
    BrowserContext context = newContext();
    Page page = context.newPage();
    show(page, lab);
    int head = readOver(page);
    var random = new Random(2);
    var times =
        (List<List<Number>>)
            page.evaluate(
                """
                async (moments) => {
                  const { laboratory, drawing } = globalThis.faultline;
                  const rows = [[], [], [0]];
                  new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => rows[2].push(duration))).observe({type: 'longtask'});
                  for (const moment of moments) {
                    const before = performance.now();
                    laboratory.seek(moment, 'step');
                    rows[0].push(performance.now() - before);
                    while (laboratory.underway) await new Promise((moved) => laboratory.addEventListener('moved', moved, {once: true}));
                    do await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                    while (drawing.left > 0);
                    rows[1].push(performance.now() - before);
                  }
                  await new Promise((told) => setTimeout(told, 200));
                  return rows;
                }
                """,
                random.ints(TIMES, 0, head + 1).boxed().toList());
    row(
        "seek in %,d records of a few commands".formatted(head),
        "asked %s, drawn %s ms, longest task %.0f"
            .formatted(
                quantiles(times.get(0)),
                quantiles(times.get(1)),
                times.get(2).stream().mapToDouble(Number::doubleValue).max().orElseThrow()),
        "no task over 50");
    context.close();
  }

  private BrowserContext newContext() {
    BrowserContext context =
        chromium.browser().newContext(new NewContextOptions().setViewportSize(1280, 800));
    context.setDefaultTimeout(LONGEST_MILLIS);
    return context;
  }

  private void show(Page page, String lab) {
    page.navigate(server + "/labs/" + lab);
    page.waitForFunction(
        "() => globalThis.faultline?.laboratory.story &&"
            + " globalThis.faultline.laboratory.history.start === 0");
  }

  private String open(String settings) throws IOException, InterruptedException {
    Matcher id = ID.matcher(send("POST", "/labs", settings).body());
    if (!id.find()) {
      throw new IOException("the server opened no laboratory");
    }
    give(id.group(1), "{\"do\":\"spawn\"}");
    return id.group(1);
  }

  private static String mmap(int pages, String flags) {
    return "{\"do\":\"mmap\",\"pid\":1,\"address\":%d,\"length\":%d,\"prot\":[\"READ\",\"WRITE\"],\"flags\":[\"PRIVATE\",\"ANONYMOUS\",\"FIXED\"%s]}"
        .formatted(BASE, pages * 4096, flags);
  }

  /** Maps pages anew and writes to each, some times over. */
  private static String work() {
    List<String> commands = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      commands.add(mmap(STREAMED_PAGES, ""));
      for (int page = 0; page < STREAMED_PAGES; page++) {
        commands.add(
            "{\"do\":\"write\",\"pid\":1,\"address\":%d,\"data\":{\"hex\":\"00\"}}"
                .formatted(BASE + page * 4096L));
      }
    }
    return "[" + String.join(",", commands) + "]";
  }

  private void give(String lab, String commands) throws IOException, InterruptedException {
    send("POST", "/labs/" + lab + "/commands", commands);
  }

  private long head(String lab) throws IOException, InterruptedException {
    String tag = send("GET", "/labs/" + lab, "").headers().firstValue("ETag").orElseThrow();
    return Long.parseLong(tag.replaceAll("[^0-9]", ""));
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server + "/api/v1" + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 400) {
      throw new IOException(method + " " + path + ": " + response.body());
    }
    return response;
  }
}
