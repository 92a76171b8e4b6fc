package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every answer tells a browser what it may do with it. */
class SecurityHeadersTest extends ApiTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "//",
        "/labs",
        "/labs/nosuchlab",
        "//nowhere",
        "//css/base.css",
        "//actuator/health",
        "//labs/%zz",
        "/openapi"
      })
  void answer_allowsOnlyWhatIsServedHere(String path) throws Exception {
    String request =
        "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            .formatted(path.startsWith("//") ? path.substring(1) : "/api/v1" + path);
    try (var socket = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), api.port)) {
      socket.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      String answer =
          new String(
              socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(answer)
          .contains("Content-Security-Policy: default-src 'none'; script-src 'self';")
          .contains("X-Content-Type-Options: nosniff")
          .doesNotContain("unsafe-inline", "unsafe-eval");
    }
  }
}
