package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What is presented is told to those who watch. */
@Timeout(60)
class PresenterTest extends ApiTest {
  private static final int TAKE_SECONDS = 10;

  /** Messages as they come; the status with which it was closed is the last. */
  private static final class Listener implements WebSocket.Listener {
    final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      heard.add(Integer.toString(status));
      return null;
    }

    String next() throws InterruptedException {
      return Objects.requireNonNull(heard.poll(TAKE_SECONDS, TimeUnit.SECONDS));
    }

    JsonNode place() throws InterruptedException {
      return Api.JSON.readTree(next());
    }
  }

  private Listener listen(String lab) throws Exception {
    var listener = new Listener();
    connect(lab, "", listener);
    return listener;
  }

  private WebSocket connect(String lab, String query, Listener listener) throws Exception {
    String address = "ws://127.0.0.1:" + api.port + "/api/v1/labs/" + lab + "/presenter-stream";
    return api.http
        .newWebSocketBuilder()
        .buildAsync(URI.create(address + query), listener)
        .get(TAKE_SECONDS, TimeUnit.SECONDS);
  }

  private Api.Answer show(TestLab lab, String json) {
    byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return api.send("PUT", lab.at("/presenter"), body, "Content-Type", "application/json");
  }

  @Test
  void place_isToldAtOnceAndWheneverItMoves() throws Exception {
    TestLab lab = api.open();
    lab.spawn();
    Listener first = listen(lab.id());
    assertThat(first.place().get("presenting").asBoolean()).isFalse();
    show(lab, "{'at':2,'pid':1,'address':'0x1000','item':'frame:5','by':'lecture'}").is(200);
    JsonNode place = first.place();
    assertThat(place.toString())
        .isEqualTo(
            "{'presenting':true,'at':2,'pid':1,'address':'0x1000','item':'frame:5','by':'lecture','watching':1}"
                .replace('\'', '"'));
    Listener late = listen(lab.id());
    assertThat(late.place().get("at").asInt()).isEqualTo(2);
    show(lab, "{}").is(200);
    assertThat(first.place().get("at").isNull()).isTrue();
    assertThat(late.place().get("watching").asInt()).isEqualTo(2);
    api.delete(lab.at("/presenter")).is(204);
    assertThat(first.place().get("presenting").asBoolean()).isFalse();
    assertThat(lab.get("/presenter").is(200).json().get("watching").asInt()).isEqualTo(2);
  }

  @Test
  void presentation_endsWithTheLastConnectionOfWhoPresents() throws Exception {
    TestLab lab = api.open();
    Listener viewer = listen(lab.id());
    viewer.place();
    var own = new Listener();
    WebSocket first = connect(lab.id(), "?by=the%20lecture", own);
    own.place();
    WebSocket second = connect(lab.id(), "?by=the%20lecture", own);
    own.place();
    WebSocket other = connect(lab.id(), "?by=somebody", new Listener());
    show(lab, "{'by':'the lecture'}").is(200);
    assertThat(viewer.place().get("presenting").asBoolean()).isTrue();
    other.abort();
    first.abort();
    show(lab, "{'by':'the lecture','pid':1}").is(200);
    assertThat(viewer.place().get("pid").asInt()).isEqualTo(1);
    second.abort();
    assertThat(viewer.place().get("presenting").asBoolean()).isFalse();
  }

  @Test
  void nonsense_isRefusedByName() {
    TestLab lab = api.open();
    show(lab, "{'at':99999}").problem("bad-command", "at");
    show(lab, "{'at':-1}").problem("bad-command", "at");
    show(lab, "{'at':'soon'}").problem("bad-command", "at");
    show(lab, "{'pid':-1}").problem("bad-command", "pid");
    show(lab, "{'item':'<b>'}").problem("bad-command", "item");
    show(lab, "{'by':'%s'}".formatted("x".repeat(61))).problem("bad-command", "by");
    show(lab, "{'where':1}").problem("bad-command", "where");
    show(lab, "[]").problem("bad-command", "(body)");
    api.get("/labs/nosuchlab/presenter").problem("unknown-lab");
    assertThat(lab.get("/presenter").json().get("presenting").asBoolean()).isFalse();
  }

  @Test
  void unknownLaboratory_isNotListenedTo() throws Exception {
    assertThat(listen("nosuchlab").next()).isEqualTo("4404");
  }
}
