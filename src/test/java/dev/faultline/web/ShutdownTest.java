package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Faultline;
import java.io.InputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class ShutdownTest {
  private static ServletWebServerApplicationContext start(String... arguments) {
    return (ServletWebServerApplicationContext) SpringApplication.run(Faultline.class, arguments);
  }

  /** Laboratories that are kept will be there again, the others not. */
  @ParameterizedTest
  @CsvSource({"true, 1012", "false, 1000"})
  void openStreams_doNotHoldUpTheServersEnd(boolean kept, int code, @TempDir Path data)
      throws Exception {
    var server = start("--server.port=0", "--faultline.data=" + (kept ? data : ""));
    var api = new Api(Objects.requireNonNull(server.getWebServer()).getPort());
    TestLab lab = api.open();
    InputStream events = api.stream(lab.at("/events")).body();
    assertThat(events.read()).isEqualTo(':');
    var connected = new CompletableFuture<ByteBuffer>();
    var closed = new CompletableFuture<Integer>();
    URI uri = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream"));
    api.http
        .newWebSocketBuilder()
        .buildAsync(
            uri,
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
                connected.complete(data);
                socket.request(1);
                return CompletableFuture.completedStage(null);
              }

              @Override
              public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                closed.complete(status);
                return CompletableFuture.completedStage(null);
              }
            })
        .get(10, TimeUnit.SECONDS);
    connected.get(10, TimeUnit.SECONDS);
    long head = lab.head();
    long start = System.nanoTime();
    server.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(new String(events.readAllBytes(), StandardCharsets.UTF_8))
        .contains("event: end", "\"canResume\":" + kept, "\"at\":" + head);
    assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, open, false", "0.0.0.0, open, true", "0.0.0.0, '', false"})
  void openAccessForOthers_isWarnedOf(
      String address, String access, boolean warned, CapturedOutput output) {
    start("--server.port=0", "--server.address=" + address, "--faultline.access=" + access).close();
    assertThat(output.toString().contains("faultline.access=open")).isEqualTo(warned);
  }
}
