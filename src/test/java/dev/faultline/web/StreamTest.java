package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.log.Table;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class StreamTest extends ApiTest {
  private static final int TAKE_SECONDS = 10;

  @Autowired private Streams streams;

  /** A viewer that keeps whole messages until the test takes them. */
  private static final class Viewer implements WebSocket.Listener {
    final LinkedBlockingQueue<ByteBuffer> binary = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<JsonNode> json = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    volatile String reason = "";
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] part = new byte[data.remaining()];
      data.get(part);
      bytes.writeBytes(part);
      if (last) {
        binary.add(ByteBuffer.wrap(bytes.toByteArray()));
        bytes.reset();
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        json.add(Api.JSON.readTree(text.toString()));
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      this.reason = reason;
      closed.complete(status);
      return CompletableFuture.completedStage(null);
    }

    int closeStatus() throws Exception {
      return closed.get(TAKE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private WebSocket connect(TestLab lab, String query, Viewer viewer, String... protocols)
      throws Exception {
    WebSocket.Builder builder = api.http.newWebSocketBuilder();
    if (protocols.length == 1) {
      builder.subprotocols(protocols[0]);
    }
    URI uri = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream" + query));
    return builder.buildAsync(uri, viewer).get(TAKE_SECONDS, TimeUnit.SECONDS);
  }

  private StateDecoder decoder() {
    return new StateDecoder(api.get("/schema").json());
  }

  /** Reads messages until the viewer has come to the lab's head. */
  private static void follow(Viewer viewer, StateDecoder decoder, long head) throws Exception {
    while (decoder.sequence < head) {
      ByteBuffer message = viewer.binary.poll(TAKE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).as("came to %d of %d", decoder.sequence, head).isNotNull();
      decoder.read(message);
    }
  }

  private static void assertEqualToTables(StateDecoder decoder, TestLab lab) {
    for (Table table : Table.values()) {
      List<Map<String, String>> wanted = new ArrayList<>();
      for (JsonNode row : lab.rows(table.label())) {
        Map<String, String> cells = new TreeMap<>();
        table.columns().forEach(c -> cells.put(c.label(), row.get(c.label()).asString()));
        wanted.add(cells);
      }
      assertThat(decoder.rows(table)).as(table.label()).isEqualTo(wanted);
    }
  }

  private static void work(TestLab lab, int rounds) {
    int pid = lab.spawn();
    for (int i = 0; i < rounds; i++) {
      String address = lab.mapFile(pid, "/f" + i, 8);
      lab.write(pid, address, "x".repeat(5000));
      lab.run("{'do':'munmap','pid':%d,'address':'%s','length':8192}".formatted(pid, address));
    }
  }

  @Test
  void binaryStream_foldsToTheTables() throws Exception {
    TestLab lab = api.open();
    work(lab, 3);
    var viewer = new Viewer();
    WebSocket socket = connect(lab, "", viewer, "faultline.v1");
    assertThat(socket.getSubprotocol()).isEqualTo("faultline.v1");
    StateDecoder decoder = decoder();
    follow(viewer, decoder, lab.head());
    assertThat(decoder.snapshots).isEqualTo(1);
    assertEqualToTables(decoder, lab);
    work(lab, 5);
    follow(viewer, decoder, lab.head());
    assertThat(decoder.snapshots).as("no second snapshot").isEqualTo(1);
    assertEqualToTables(decoder, lab);
    socket.abort();
  }

  @Test
  void viewerWithoutAProtocol_getsTheBinaryOne() throws Exception {
    TestLab lab = api.open();
    var viewer = new Viewer();
    WebSocket socket = connect(lab, "", viewer);
    StateDecoder decoder = decoder();
    follow(viewer, decoder, lab.head());
    assertEqualToTables(decoder, lab);
    socket.abort();
  }

  @Test
  void after_resumesTheBinaryStreamWithoutASnapshot() throws Exception {
    TestLab lab = api.open();
    work(lab, 1);
    var viewer = new Viewer();
    WebSocket socket = connect(lab, "?after=0", viewer, "faultline.v1");
    StateDecoder decoder = decoder();
    follow(viewer, decoder, lab.head());
    assertThat(decoder.snapshots).isZero();
    assertEqualToTables(decoder, lab);
    socket.abort();
  }

  @Test
  void chosenTables_areTheOnesWhoseRowsAndChangesCome() throws Exception {
    TestLab lab = api.open();
    var viewer = new Viewer();
    var json = new Viewer();
    WebSocket socket = connect(lab, "?tables=vma,frame", viewer, "faultline.v1");
    WebSocket text = connect(lab, "?tables=vma,frame&after=0", json, "faultline.v1.json");
    work(lab, 2);
    StateDecoder decoder = decoder();
    follow(viewer, decoder, lab.head());
    assertThat(decoder.rows(Table.VMA)).hasSize(lab.rows("vma").size()).isNotEmpty();
    assertThat(decoder.rows(Table.PTE)).isEmpty();
    assertThat(decoder.selectedTables).containsExactlyInAnyOrder("vma", "frame");
    assertThat(decoder.hasStory).isTrue();
    List<JsonNode> wanted =
        lab.changes(0, 100_000).stream()
            .filter(record ->
                !record.has("table")
                    || List.of("vma", "frame").contains(record.get("table").asString()))
            .toList();
    List<JsonNode> came = new ArrayList<>();
    while (came.size() < wanted.size()) {
      JsonNode message = json.json.poll(TAKE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      message.get("changes").forEach(came::add);
    }
    assertThat(came).isEqualTo(wanted);
    socket.abort();
    text.abort();
  }

  @Test
  void rate_boundsTheMessagesOfAViewerThatIsNotBehind() throws Exception {
    TestLab lab = api.open();
    lab.spawn();
    var viewer = new Viewer();
    WebSocket socket = connect(lab, "?rate=2&after=" + lab.head(), viewer, "faultline.v1.json");
    long start = System.nanoTime();
    for (int i = 0; i < 30; i++) {
      lab.map(1, 1);
    }
    long messages = 0;
    for (long last = 0; last < lab.head(); messages++) {
      JsonNode message = viewer.json.poll(TAKE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      last = message.get("last").asLong();
    }
    long halves = Duration.ofNanos(System.nanoTime() - start).toMillis() / 500;
    // at each waking, what there is may need more than one message
    assertThat(messages).isLessThanOrEqualTo((halves + 2) * 3);
    socket.abort();
  }

  @Test
  void jsonStream_hasEveryRecordOnceAndInOrder() throws Exception {
    TestLab lab = api.open();
    lab.spawn();
    long from = lab.head();
    work(lab, 2);
    var viewer = new Viewer();
    WebSocket socket = connect(lab, "?after=" + from, viewer, "faultline.v1.json");
    assertThat(socket.getSubprotocol()).isEqualTo("faultline.v1.json");
    lab.spawn();
    List<JsonNode> records = new ArrayList<>();
    long head = lab.head();
    for (long last = from; last < head; ) {
      JsonNode message = viewer.json.poll(TAKE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      assertThat(message.get("type").asString()).isEqualTo("changes");
      message.get("changes").forEach(records::add);
      last = message.get("last").asLong();
    }
    assertThat(TestLab.numbers(records))
        .containsExactlyElementsOf(LongStream.rangeClosed(from + 1, head).boxed().toList());
    assertThat(records).isEqualTo(lab.changes(from, 100_000));
    socket.abort();
  }

  @Test
  void endOfTheLab_isToldAndClosesAtOnce() throws Exception {
    TestLab lab = api.open();
    var binary = new Viewer();
    var json = new Viewer();
    connect(lab, "", binary, "faultline.v1");
    connect(lab, "", json, "faultline.v1.json");
    StateDecoder decoder = decoder();
    follow(binary, decoder, lab.head());
    long start = System.nanoTime();
    lab.spawn();
    api.delete(lab.at("")).is(204);
    while (decoder.end == null) {
      ByteBuffer message = binary.binary.poll(TAKE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).isNotNull();
      decoder.read(message);
    }
    assertThat(decoder.rows(Table.PROCESS)).as("the last command was seen").hasSize(1);
    assertThat(binary.closeStatus()).isEqualTo(WebSocket.NORMAL_CLOSURE);
    assertThat(json.closeStatus()).isEqualTo(WebSocket.NORMAL_CLOSURE);
    assertThat(json.json).last().matches(last -> last.get("type").asString().equals("end"));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void badAfterAndUnknownLab_haveTheirOwnCloseCodes() throws Exception {
    TestLab lab = api.open();
    for (String query :
        List.of("after=x", "after=-1", "after=99999999", "after=", "tables=vma,nosuch", "rate=0")) {
      var viewer = new Viewer();
      connect(lab, "?" + query, viewer, "faultline.v1");
      assertThat(viewer.closeStatus()).as(query).isEqualTo(4400);
      assertThat(viewer.reason).contains(query.substring(0, query.indexOf('=')));
    }
    var viewer = new Viewer();
    connect(new TestLab(api, "nosuchlab"), "", viewer, "faultline.v1");
    assertThat(viewer.closeStatus()).isEqualTo(4404);
  }

  @Test
  void foreignOrigin_isRefused() {
    TestLab lab = api.open();
    var builder = api.http.newWebSocketBuilder().header("Origin", "http://evil.example");
    URI uri = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream"));
    assertThatThrownBy(() -> builder.buildAsync(uri, new Viewer()).get())
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(403));
  }

  @Test
  void sameOrigin_isLetIn() throws Exception {
    TestLab lab = api.open();
    URI uri = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream"));
    api.http
        .newWebSocketBuilder()
        .header("Origin", "http://127.0.0.1:" + api.port)
        .buildAsync(uri, new Viewer())
        .get(TAKE_SECONDS, TimeUnit.SECONDS)
        .abort();
  }

  @Test
  void plainRequest_isToldToSpeakWebSocket() {
    TestLab lab = api.open();
    lab.get("/stream").problem("bad-header", "Upgrade");
    api.post(lab.at("/stream"), "{}").problem("method-not-allowed");
  }

  @ParameterizedTest
  @CsvSource({
    "400, Upgrade, 'Upgrade: h2c|Connection: Upgrade, close'",
    "400, Connection, 'Upgrade: websocket|Connection: close'",
    "426, Sec-WebSocket-Version, 'Upgrade: websocket|Connection: Upgrade,"
        + " close|Sec-WebSocket-Version: 7'",
    "400, Sec-WebSocket-Key, 'Upgrade: websocket|Connection: Upgrade, close|Sec-WebSocket-Version:"
        + " 13|Sec-WebSocket-Key: x'",
    "403, Origin, 'Upgrade: websocket|Connection: Upgrade, close|Origin: http://evil.example'"
  })
  void badHandshake_isAProblemThatNamesTheHeader(int status, String header, String headers)
      throws Exception {
    String request =
        "GET /api/v1%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
            .formatted(api.open().at("/stream"), headers.replace("|", "\r\n"));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port)) {
      socket.setSoTimeout(TAKE_SECONDS * 1000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(lines.readLine()).startsWith("HTTP/1.1 " + status);
      String line = lines.readLine();
      while (!line.startsWith("{")) {
        line = lines.readLine();
      }
      assertThat(line).contains("\"member\":\"" + header + "\"", "/problems/");
    }
  }

  /** Viewers have nothing to say; who says much is not listened to. */
  @Test
  void viewerThatSendsTooLargeAMessage_isLetGo() throws Exception {
    var viewer = new Viewer();
    WebSocket socket = connect(api.open(), "", viewer, "faultline.v1");
    socket.sendBinary(ByteBuffer.allocate(100), true).get(TAKE_SECONDS, TimeUnit.SECONDS);
    socket.sendBinary(ByteBuffer.allocate(1 << 20), true);
    assertThat(viewer.closeStatus()).isEqualTo(1009);
  }

  @Test
  void viewersThatLeave_leaveNoFollowerBehind() throws Exception {
    TestLab lab = api.open();
    for (int i = 0; i < 20; i++) {
      var viewer = new Viewer();
      WebSocket socket = connect(lab, "", viewer, "faultline.v1");
      assertThat(viewer.binary.poll(TAKE_SECONDS, TimeUnit.SECONDS)).isNotNull();
      if (i % 2 == 0) {
        socket.abort();
      } else {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "enough").get(TAKE_SECONDS, TimeUnit.SECONDS);
      }
    }
    lab.spawn(); // who did not notice yet fails to send
    long deadline = System.nanoTime() + Duration.ofSeconds(TAKE_SECONDS).toNanos();
    while (!streams.followers().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(streams.followers()).isEmpty();
  }

  /** A viewer that stops reading holds up neither those who act nor the end of the lab. */
  @Test
  void stalledViewer_slowsNobody() throws Exception {
    TestLab lab = api.open();
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(
          new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), api.port), 5000);
      String handshake =
          """
          GET /api/v1/labs/%s/stream HTTP/1.1
          Host: 127.0.0.1:%d
          Connection: Upgrade
          Upgrade: websocket
          Sec-WebSocket-Version: 13
          Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

          """
              .formatted(lab.id(), api.port)
              .replace("\n", "\r\n");
      socket.getOutputStream().write(handshake.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      lab.spawn();
      String address = lab.map(1, 256);
      String fill =
          "{'do':'write','pid':1,'address':'%s','data':{'hex':'%s'}}"
              .formatted(address, "ab".repeat(256 * TestLab.PAGE));
      String clear = "{'do':'munmap','pid':1,'address':'%s','length':1048576}".formatted(address);
      String map =
          "{'do':'mmap','pid':1,'address':'%s','length':1048576,'prot':['READ','WRITE'],'flags':['PRIVATE','ANONYMOUS','FIXED']}"
              .formatted(address);
      long slowest = 0;
      for (int i = 0; i < 12; i++) {
        long start = System.nanoTime();
        lab.result(fill);
        lab.result(clear);
        lab.result(map);
        slowest = Math.max(slowest, System.nanoTime() - start);
      }
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(5));
      long start = System.nanoTime();
      api.delete(lab.at("")).is(204);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }
  }
}
