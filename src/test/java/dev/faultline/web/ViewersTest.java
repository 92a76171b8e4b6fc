package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Viewers of a laboratory in which nothing happens, on a server that has room for one. */
@Timeout(60)
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"faultline.viewers=1", "faultline.heartbeat=100ms"})
class ViewersTest {
  private static final int SECONDS = 20;

  @LocalServerPort private int port;
  @Autowired private Streams streams;

  /** Waits until those who have left are noticed, which a heartbeat does. */
  private void awaitNobody() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!streams.followers().isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(streams.followers()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"text/event-stream,: still here", "application/x-ndjson,''"})
  void silence_isBroken(String type, String beat) throws Exception {
    var api = new Api(port);
    awaitNobody();
    var answer = api.stream(api.open().at("/events"), "Accept", type);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith(type);
    try (var lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < 3; i++) {
        String line = lines.readLine();
        assertThat(line).isEqualTo(beat);
        if (!beat.isEmpty()) {
          assertThat(lines.readLine()).isEmpty();
        }
      }
    }
    api.endLabs();
  }

  @Test
  void viewerWithoutRoom_isToldToComeLater() throws Exception {
    var api = new Api(port);
    awaitNobody();
    TestLab lab = api.open();
    var pinged = new CompletableFuture<Boolean>();
    var uri = URI.create("ws://127.0.0.1:" + port + "/api/v1" + lab.at("/stream"));
    var first =
        api.http
            .newWebSocketBuilder()
            .buildAsync(
                uri,
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
                    pinged.complete(true);
                    socket.request(1);
                    return CompletableFuture.completedStage(null);
                  }
                })
            .get(SECONDS, TimeUnit.SECONDS);
    assertThat(pinged.get(SECONDS, TimeUnit.SECONDS)).isTrue();
    var closed = new CompletableFuture<Integer>();
    api.http
        .newWebSocketBuilder()
        .buildAsync(
            uri,
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                closed.complete(status);
                return CompletableFuture.completedStage(null);
              }
            })
        .get(SECONDS, TimeUnit.SECONDS);
    assertThat(closed.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(4429);
    lab.get("/events").problem("limit-viewers");
    first.abort();
    api.endLabs();
  }
}
