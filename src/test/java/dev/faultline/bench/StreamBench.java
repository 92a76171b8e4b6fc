package dev.faultline.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.faultline.Faultline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/**
 * Streams under load, over real sockets: many viewers of one busy laboratory, many laboratories
 * with a viewer each, and a viewer that takes nothing. Tells for each whether a record was lost
 * without a word, how long a command takes meanwhile, how much of the processors all of it took,
 * and what memory is left after collections. Viewers and load share the machine and the heap with
 * the server. Seconds of each part and changes a second may be given, 60 and 50,000 by default.
 *
 * <p>{@code scripts/bench StreamBench}
 */
public final class StreamBench {
  private static final int VIEWERS = 60;
  private static final int LABS = 200;
  private static final int PAGES = 16;
  private static final int ROUNDS = 4;
  private static final long PROBE_MILLIS = 50;
  private static final long BASE = 0x10000000L;

  /** Far more than it takes: what has not come by then does not come. */
  private static final int CATCH_UP_SECONDS = 30;

  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final int port;
  private final int seconds;
  private final int rate;

  private StreamBench(int port, int seconds, int rate) {
    this.port = port;
    this.seconds = seconds;
    this.rate = rate;
  }

  public static void main(String[] arguments) throws Exception {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
    int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 50_000;
    try (var server =
        (ServletWebServerApplicationContext)
            SpringApplication.run(
                Faultline.class, "--server.port=0", "--logging.level.root=WARN")) {
      int port = Objects.requireNonNull(server.getWebServer()).getPort();
      var bench = new StreamBench(port, seconds, rate);
      bench.watch("warming up", 1, VIEWERS, false, Math.min(10, seconds));
      bench.watch("nobody watches", 1, 0, false, seconds);
      bench.watch(VIEWERS + " viewers of one laboratory", 1, VIEWERS, false, seconds);
      bench.watch("one viewer, who takes nothing", 1, 0, true, seconds);
      bench.watch(LABS + " laboratories with one viewer each", LABS, 1, false, seconds);
    }
  }

  private void watch(String what, int labs, int viewersEach, boolean isStalled, int seconds)
      throws Exception {
    List<String> ids = new ArrayList<>();
    List<Viewer> viewers = new ArrayList<>();
    List<WebSocket> sockets = new ArrayList<>();
    for (int i = 0; i < labs; i++) {
      String id = open();
      ids.add(id);
      for (int j = 0; j < viewersEach; j++) {
        var viewer = new Viewer(i);
        URI uri = URI.create("ws://127.0.0.1:" + port + "/api/v1/labs/" + id + "/stream");
        sockets.add(HTTP.newWebSocketBuilder().buildAsync(uri, viewer).join());
        viewers.add(viewer);
      }
    }
    Socket stalled = isStalled ? stalled(ids.getFirst()) : null;
    var probe = new Probe(ids.getFirst());
    Thread probing = Thread.ofPlatform().start(probe);
    List<Long> memory = new ArrayList<>();
    long[] heads = new long[labs];
    long start = System.nanoTime();
    long cpu = cpuNanos();
    long changes = load(ids, heads, seconds, memory);
    double cores = (double) (cpuNanos() - cpu) / (System.nanoTime() - start);
    probe.ends = true;
    probing.join();
    String came = came(viewers, heads);
    Arrays.sort(probe.millis, 0, probe.count);
    System.out.printf(
        "%s: %,d changes/s on %.2f cores; %s; command median %.1f ms, p95 %.1f ms, worst %.1f ms"
            + " (%d); MiB after collections %s%n",
        what,
        changes / seconds,
        cores,
        came,
        probe.at(0.5),
        probe.at(0.95),
        probe.at(1),
        probe.count,
        memory);
    sockets.forEach(WebSocket::abort);
    if (stalled != null) {
      stalled.close();
    }
    for (String id : ids) {
      send("DELETE", "/labs/" + id, "");
    }
  }

  /** Keeps to the rate as far as the machine does, laboratory after laboratory in turn. */
  private long load(List<String> ids, long[] heads, int seconds, List<Long> memory)
      throws Exception {
    String work = work(ids.size() == 1 ? ROUNDS : 1);
    long[] firsts = new long[heads.length];
    for (int i = 0; i < heads.length; i++) {
      firsts[i] = head(send("GET", "/labs/" + ids.get(i), ""));
    }
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    long sampled = start;
    long changes = 0;
    for (int turn = 0; System.nanoTime() < end; turn = (turn + 1) % heads.length) {
      long due = (long) ((System.nanoTime() - start) / 1e9 * rate);
      if (changes >= due) {
        TimeUnit.MILLISECONDS.sleep(1);
        continue;
      }
      long before = heads[turn] == 0 ? firsts[turn] : heads[turn];
      heads[turn] = head(send("POST", "/labs/" + ids.get(turn) + "/commands", work));
      changes += heads[turn] - before;
      if (System.nanoTime() - sampled > seconds * 1_000_000_000L / 6) {
        sampled = System.nanoTime();
        memory.add(bytesAfterCollection() >> 20);
      }
    }
    for (int i = 0; i < heads.length; i++) {
      heads[i] = head(send("GET", "/labs/" + ids.get(i), "")); // the probe has acted too
    }
    return changes;
  }

  private static String came(List<Viewer> viewers, long[] heads) throws InterruptedException {
    long deadline = System.nanoTime() + CATCH_UP_SECONDS * 1_000_000_000L;
    while (viewers.stream().anyMatch(v -> v.last < heads[v.lab]) && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    long behind = viewers.stream().filter(v -> v.last < heads[v.lab]).count();
    long lost = viewers.stream().mapToLong(v -> v.lost).sum();
    long told = viewers.stream().mapToLong(v -> v.told).sum();
    return "%d viewers, %d did not come to the end, %,d records lost without a word, %,d with one"
        .formatted(viewers.size(), behind, lost, told);
  }

  private String open() throws IOException, InterruptedException {
    Matcher id = ID.matcher(send("POST", "/labs", "{\"frames\":256}").body());
    if (!id.find()) {
      throw new IOException("the server opened no laboratory");
    }
    send("POST", "/labs/" + id.group(1) + "/commands", "{\"do\":\"spawn\"}");
    send("POST", "/labs/" + id.group(1) + "/commands", work(1));
    return id.group(1);
  }

  /** Maps pages, writes to each, and unmaps them again. */
  private static String work(int rounds) {
    List<String> commands = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      commands.add(
          "{\"do\":\"mmap\",\"pid\":1,\"address\":%d,\"length\":%d,\"prot\":[\"READ\",\"WRITE\"],\"flags\":[\"PRIVATE\",\"ANONYMOUS\",\"FIXED\"]}"
              .formatted(BASE, PAGES * 4096));
      for (int page = 0; page < PAGES; page++) {
        commands.add(
            "{\"do\":\"write\",\"pid\":1,\"address\":%d,\"data\":{\"hex\":\"00\"}}"
                .formatted(BASE + page * 4096L));
      }
    }
    return "[" + String.join(",", commands) + "]";
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1" + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 400) {
      throw new IOException(method + " " + path + ": " + response.body());
    }
    return response;
  }

  /** The head that a laboratory's answer has as its tag. */
  private static long head(HttpResponse<String> response) {
    String tag = response.headers().firstValue("ETag").orElseThrow();
    return Long.parseLong(tag.replaceAll("[^0-9]", ""));
  }

  /** A viewer that takes nothing. */
  private Socket stalled(String id) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    OutputStream out = socket.getOutputStream();
    String handshake =
        "GET /api/v1/labs/%s/stream HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    out.write(handshake.formatted(id, port).getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return socket;
  }

  /** Of the server, the viewers and the load together. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long bytesAfterCollection() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
        bytes += pool.getCollectionUsage().getUsed();
      }
    }
    return bytes;
  }

  /** Gives one small command after the other and takes the time. */
  private final class Probe implements Runnable {
    private final String id;
    final double[] millis = new double[1 << 16];
    int count;
    volatile boolean ends;

    Probe(String id) {
      this.id = id;
    }

    @Override
    public void run() {
      String read = "{\"do\":\"read\",\"pid\":1,\"address\":%d,\"length\":1}".formatted(BASE);
      try {
        while (!ends && count < millis.length) {
          long start = System.nanoTime();
          send("POST", "/labs/" + id + "/commands", read);
          millis[count++] = (System.nanoTime() - start) / 1e6;
          TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
        }
      } catch (IOException | InterruptedException exception) {
        throw new IllegalStateException(exception);
      }
    }

    double at(double part) {
      return millis[Math.max(0, (int) Math.ceil(count * part) - 1)];
    }
  }

  /** Looks at the numbers that messages cover, not into their records. */
  private static final class Viewer implements WebSocket.Listener {
    private static final int SNAPSHOT = 1;
    private static final int RECORDS = 2;
    private static final int SNAPSHOT_AFTER_GAP = 4;

    final int lab;
    volatile long last = -1;
    volatile long lost;
    volatile long told;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    Viewer(int lab) {
      this.lab = lab;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean isLast) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      message.writeBytes(bytes);
      if (isLast) {
        read(ByteBuffer.wrap(message.toByteArray()));
        message.reset();
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    private void read(ByteBuffer in) {
      switch (in.get()) {
        case SNAPSHOT -> last = number(in);
        case RECORDS -> {
          long first = number(in);
          lost += first - last - 1;
          last = first + number(in) - 1;
        }
        case SNAPSHOT_AFTER_GAP -> {
          number(in);
          long at = number(in);
          told += at - last;
          last = at;
        }
        default -> {} // the end
      }
    }

    private static long number(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = in.get();
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }
  }
}
