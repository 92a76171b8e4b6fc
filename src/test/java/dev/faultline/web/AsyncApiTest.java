package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import dev.faultline.log.Actor;
import dev.faultline.log.FoldedState;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The AsyncAPI document is one, and says what the streams send. */
@Timeout(60)
class AsyncApiTest extends ApiTest {
  private static final Path PUBLISHED = Path.of("target/asyncapi/package/schemas/3.0.0.json");

  private JsonNode document = Api.JSON.nullNode();

  @BeforeEach
  void read() {
    Object yaml = new Yaml().load(api.get("//asyncapi.yaml").is(200).text());
    document = Api.JSON.valueToTree(yaml);
  }

  @Test
  void document_isOneByThePublishedSchema() throws Exception {
    if (!Files.exists(PUBLISHED)) {
      throw Missing.thing(
          "no published schema of AsyncAPI; bring it with: scripts/bring-asyncapi", null);
    }
    JsonNode published = Api.JSON.readTree(Files.readAllBytes(PUBLISHED));
    var schema = new JsonSchema(published);
    assertThat(schema.problems(document, published)).isEmpty();
    JsonNode nameless = document.deepCopy();
    ((ObjectNode) nameless.get("info")).remove("title");
    assertThat(schema.problems(nameless, published)).isNotEmpty();
  }

  @Test
  void everyReference_leadsSomewhere() {
    document
        .findValues("$ref")
        .forEach(reference ->
            assertThat(document.at(reference.asString().substring(1)).isObject())
                .as(reference.asString())
                .isTrue());
  }

  @Test
  void everyExample_isAsItsPayloadSays() {
    var schemas = new JsonSchema(document);
    for (JsonNode message : document.at("/components/messages")) {
      for (JsonNode example : message.path("examples")) {
        assertThat(schemas.problems(example.get("payload"), message.get("payload"))).isEmpty();
      }
    }
  }

  @Test
  void actors_areThoseOfTheStory() {
    assertThat(
            document
                .at("/components/schemas/Record/properties/actor/enum")
                .valueStream()
                .map(JsonNode::asString))
        .containsExactlyElementsOf(Stream.of(Actor.values()).map(Actor::name).toList());
  }

  @Test
  void lines_areAsTheirPayloadsSay() throws Exception {
    var schemas = new JsonSchema(document);
    TestLab lab = api.open();
    lab.write(lab.spawn(), lab.map(1, 1), "x");
    var answer = api.stream(lab.at("/events?after=0"), "Accept", "application/x-ndjson");
    try (var lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      long head = lab.head();
      long seen = 0;
      while (seen < head) {
        String line = Objects.requireNonNull(lines.readLine());
        if (!line.isEmpty()) {
          JsonNode record = Api.JSON.readTree(line);
          assertThat(schemas.problems(record, "Record")).as(line).isEmpty();
          assertThat(record.get("seq").asLong()).isEqualTo(++seen);
        }
      }
      api.delete(lab.at("")).is(204);
      JsonNode end = Api.JSON.readTree(lines.readLine());
      assertThat(schemas.problems(end, "End")).as(end.toString()).isEmpty();
      assertThat(lines.readLine()).isNull();
    }
  }

  @Test
  void events_areAsTheirPayloadsSay() throws Exception {
    var schemas = new JsonSchema(document);
    TestLab lab = api.open();
    lab.write(lab.spawn(), lab.map(1, 1), "x");
    long head = lab.head();
    long seen = 0;
    boolean isEnd = false;
    var answer = api.stream(lab.at("/events?after=0"));
    try (var lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        isEnd |= line.equals("event: end");
        if (line.startsWith("data: ")) {
          JsonNode data = Api.JSON.readTree(line.substring("data: ".length()));
          assertThat(schemas.problems(data, isEnd ? "End" : "Record")).as(line).isEmpty();
          seen = isEnd ? seen : data.get("seq").asLong();
        }
        if (seen == head && !isEnd) {
          api.delete(lab.at("")).is(204);
          seen++;
        }
      }
    }
    assertThat(isEnd).isTrue();
  }

  @Test
  void messages_areAsTheirPayloadsSay() throws Exception {
    var schemas = new JsonSchema(document);
    TestLab lab = api.open();
    lab.write(lab.spawn(), lab.map(1, 1), "x");
    var messages = new LinkedBlockingQueue<String>();
    var listener =
        new WebSocket.Listener() {
          private final StringBuilder partial = new StringBuilder();

          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean isLast) {
            partial.append(text);
            if (isLast) {
              messages.add(partial.toString());
              partial.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedStage(null);
          }
        };
    var address = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream?after=0"));
    api.http
        .newWebSocketBuilder()
        .subprotocols("faultline.v1.json")
        .buildAsync(address, listener)
        .get(10, TimeUnit.SECONDS);
    long head = lab.head();
    long last = 0;
    while (last < head) {
      JsonNode message = Api.JSON.readTree(next(messages));
      assertThat(schemas.problems(message, "Changes")).as(message.toString()).isEmpty();
      last = message.get("last").asLong();
    }
    api.delete(lab.at("")).is(204);
    JsonNode end = Api.JSON.readTree(next(messages));
    assertThat(schemas.problems(end, "End")).as(end.toString()).isEmpty();
  }

  private static String next(LinkedBlockingQueue<String> messages) throws InterruptedException {
    return Objects.requireNonNull(messages.poll(20, TimeUnit.SECONDS));
  }

  /** What a viewer is given whom the log has overtaken. */
  @Test
  void snapshot_isAsItsPayloadSays() {
    var schemas = new JsonSchema(document);
    var laboratories = new Laboratories(Limits.DEFAULT);
    try {
      Laboratory laboratory = laboratories.open(Settings.of("", PrivateFileStrategy.LAZY));
      laboratory.execute(new Command.Spawn("p"));
      FoldedState state = laboratory.stateAt(laboratory.log().head());
      for (long skippedAfter : new long[] {-1, 1}) {
        byte[] snapshot =
            new JsonEncoding(Api.JSON).snapshot(state, Subscription.ALL_TABLES, skippedAfter);
        JsonNode message = Api.JSON.readTree(snapshot);
        assertThat(schemas.problems(message, "Snapshot")).as(message.toString()).isEmpty();
      }
    } finally {
      laboratories.close();
    }
  }
}
