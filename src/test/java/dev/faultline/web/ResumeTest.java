package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.log.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Streams that are dropped at random and taken up where they were, while the laboratory goes on:
 * what the reader has folded at the end is what the server has. {@code -Dfaultline.drops=1000}
 * drops each kind so often, {@code -Dfaultline.seed=...} repeats.
 */
@Timeout(600)
class ResumeTest extends ApiTest {
  private static final int DROPS = Integer.getInteger("faultline.drops", 25);
  private static final int TAKE_SECONDS = 30;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private int children = 1;

  /** One kind of stream: messages are read from a moment on, and folded. */
  private interface Reader {
    long moment();

    /** Reads so many messages from the moment on, or until a moment, and drops the connection. */
    void read(TestLab lab, int messages, long until) throws Exception;

    void assertEqualTo(TestLab lab);
  }

  @Test
  void binaryStream_goesOnWhereItWasDropped() throws Exception {
    dropAndResume(new BinaryReader());
  }

  @Test
  void jsonStream_goesOnWhereItWasDropped() throws Exception {
    dropAndResume(new JsonReader());
  }

  @Test
  void events_goOnWhereTheyWereDropped() throws Exception {
    dropAndResume(new EventReader());
  }

  private void dropAndResume(Reader reader) throws Exception {
    System.out.println("ResumeTest: -Dfaultline.seed=" + seed);
    TestLab lab = api.open("{\"frames\":128}");
    lab.mapFile(lab.spawn(), "/f", 8);
    lab.map(1, 8);
    for (int drop = 0; drop < DROPS; drop++) {
      String work = work();
      CompletableFuture<Void> working =
          CompletableFuture.runAsync(() -> lab.commands(work).is(200));
      reader.read(lab, random.nextInt(1, 4), lab.head());
      working.get(TAKE_SECONDS, TimeUnit.SECONDS);
    }
    reader.read(lab, Integer.MAX_VALUE, lab.head());
    assertThat(reader.moment()).as("seed %d", seed).isEqualTo(lab.head());
    reader.assertEqualTo(lab);
  }

  /** Commands upon the two mappings of the first process, and forks that end again. */
  private String work() {
    var commands = new StringBuilder("[");
    for (int i = 0; i < 12; i++) {
      String address = "0x%x".formatted(0x3ff7ff0000L + random.nextInt(16) * 4096L);
      String command =
          switch (random.nextInt(6)) {
            case 0 -> "{'do':'munmap','pid':1,'address':'%s','length':4096}".formatted(address);
            case 1 ->
                "{'do':'mmap','pid':1,'address':'%s','length':4096,'prot':['READ','WRITE'],'flags':['PRIVATE','ANONYMOUS','FIXED']}"
                    .formatted(address);
            case 2 -> "{'do':'fork','pid':1},{'do':'exit','pid':%d}".formatted(++children);
            default ->
                "{'do':'write','pid':1,'address':'%s','data':{'text':'x'}}".formatted(address);
          };
      commands.append(i > 0 ? "," : "").append(command);
    }
    return commands.append(']').toString().replace('\'', '"');
  }

  private WebSocket connect(TestLab lab, String protocol, String query, Messages messages)
      throws Exception {
    URI uri = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream" + query));
    return api.http
        .newWebSocketBuilder()
        .subprotocols(protocol)
        .buildAsync(uri, messages)
        .get(TAKE_SECONDS, TimeUnit.SECONDS);
  }

  private final class BinaryReader implements Reader {
    private final StateDecoder decoder = new StateDecoder(api.get("/schema").json());

    @Override
    public long moment() {
      return decoder.sequence;
    }

    @Override
    public void read(TestLab lab, int messages, long until) throws Exception {
      String after = decoder.sequence < 0 ? "" : "?after=" + decoder.sequence;
      var taken = new Messages();
      WebSocket socket = connect(lab, "faultline.v1", after, taken);
      for (int i = 0; i < messages && decoder.sequence < until; i++) {
        decoder.read(ByteBuffer.wrap(taken.next()));
      }
      socket.abort();
    }

    @Override
    public void assertEqualTo(TestLab lab) {
      for (Table table : Table.values()) {
        List<Map<String, String>> wanted =
            lab.rows(table.label()).stream().map(row -> cells(table, row)).toList();
        assertThat(decoder.rows(table)).as(table.label()).isEqualTo(wanted);
      }
    }

    private static Map<String, String> cells(Table table, JsonNode row) {
      Map<String, String> cells = new TreeMap<>();
      table.columns().forEach(c -> cells.put(c.label(), row.get(c.label()).asString()));
      return cells;
    }
  }

  private abstract static class FoldingReader implements Reader {
    final FoldedJson folded = new FoldedJson();

    @Override
    public long moment() {
      return folded.sequence;
    }

    @Override
    public void assertEqualTo(TestLab lab) {
      for (Table table : Table.values()) {
        assertThat(folded.rows(table.label())).as(table.label()).isEqualTo(lab.rows(table.label()));
      }
    }
  }

  private final class JsonReader extends FoldingReader {
    @Override
    public void read(TestLab lab, int messages, long until) throws Exception {
      var taken = new Messages();
      WebSocket socket = connect(lab, "faultline.v1.json", "?after=" + folded.sequence, taken);
      for (int i = 0; i < messages && folded.sequence < until; i++) {
        JsonNode message = Api.JSON.readTree(taken.next());
        assertThat(message.get("type").asString()).isEqualTo("changes");
        message.get("changes").forEach(folded::read);
      }
      socket.abort();
    }
  }

  private final class EventReader extends FoldingReader {
    @Override
    public void read(TestLab lab, int messages, long until) throws Exception {
      String last = Long.toString(folded.sequence);
      // an event is one record, where a message has many
      int events = messages == Integer.MAX_VALUE ? messages : messages * 100;
      var body = api.stream(lab.at("/events"), "Last-Event-ID", last).body();
      try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        for (int i = 0; i < events && folded.sequence < until; ) {
          String line = lines.readLine();
          assertThat(line).isNotNull();
          if (line.startsWith("data: ")) {
            folded.read(Api.JSON.readTree(line.substring(6)));
            i++;
          }
        }
      }
    }
  }

  /** Whole messages, as they come. */
  private static final class Messages implements WebSocket.Listener {
    private final LinkedBlockingQueue<byte[]> taken = new LinkedBlockingQueue<>();
    private final java.io.ByteArrayOutputStream part = new java.io.ByteArrayOutputStream();

    byte[] next() throws Exception {
      byte[] message = taken.poll(TAKE_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new IOException("no message within " + TAKE_SECONDS + " seconds");
      }
      return message;
    }

    @Override
    public CompletableFuture<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      return add(socket, bytes, last);
    }

    @Override
    public CompletableFuture<?> onText(WebSocket socket, CharSequence data, boolean last) {
      return add(socket, data.toString().getBytes(StandardCharsets.UTF_8), last);
    }

    private CompletableFuture<?> add(WebSocket socket, byte[] bytes, boolean last) {
      part.writeBytes(bytes);
      if (last) {
        taken.add(part.toByteArray());
        part.reset();
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
