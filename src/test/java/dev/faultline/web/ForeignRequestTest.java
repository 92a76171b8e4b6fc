package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of another site cannot act here through somebody's browser. */
class ForeignRequestTest extends ApiTest {
  private String send(String method, String host, String more) throws IOException {
    String body = method.equals("POST") ? "{}" : "";
    String request =
        "%s /api/v1/labs HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(method, host, more, body.length(), body);
    return raw(request);
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String here() {
    return "127.0.0.1:" + api.port;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://evil.example", "null", "http://127.0.0.1:1", "http://[", "file://"})
  void foreignOrigin_doesNotAct(String origin) throws IOException {
    int before = api.get("/labs").json().size();
    String answer = send("POST", here(), "Origin: " + origin + "\r\n");
    assertThat(answer).startsWith("HTTP/1.1 403").contains("problem+json", "foreign-origin");
    assertThat(api.get("/labs").json()).hasSize(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/labs", "/compare", "/recordings", "/scenarios/tlb-miss"})
  void formOfAnotherSite_isRefused(String path) throws IOException {
    int before = api.get("/labs").json().size();
    for (String forged :
        new String[] {"Origin: http://evil.example", "Sec-Fetch-Site: cross-site"}) {
      String form =
          "POST "
              + path
              + " HTTP/1.1\r\nHost: "
              + here()
              + "\r\n"
              + forged
              + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      assertThat(raw(form)).startsWith("HTTP/1.1 403").contains("foreign-origin");
    }
    assertThat(api.get("/labs").json()).hasSize(before);
  }

  @Test
  void preflightOfAnotherSite_isRefusedUnlessItIsConfigured() throws IOException {
    String preflight =
        send(
            "OPTIONS",
            here(),
            "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
    assertThat(preflight)
        .startsWith("HTTP/1.1 403")
        .contains("foreign-origin")
        .doesNotContainIgnoringCase("Access-Control-Allow-Origin");
  }

  @Test
  void ownOrigin_acts() throws IOException {
    assertThat(send("POST", here(), "Origin: http://" + here() + "\r\n"))
        .startsWith("HTTP/1.1 201");
    assertThat(send("POST", "localhost", "Origin: http://localhost:80\r\n"))
        .startsWith("HTTP/1.1 201");
  }

  @Test
  void programWithoutOrigin_acts() throws IOException {
    assertThat(send("POST", here(), "")).startsWith("HTTP/1.1 201");
  }

  @Test
  void foreignOrigin_mayLook() throws IOException {
    assertThat(send("GET", here(), "Origin: http://evil.example\r\n"))
        .startsWith("HTTP/1.1 200")
        .doesNotContainIgnoringCase("Access-Control-Allow-Origin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1"})
  void foreignHost_isRefused(String host) throws IOException {
    String answer = send("GET", host, "");
    assertThat(answer).startsWith("HTTP/1.1 421").contains("problem+json", "foreign-host");
    assertThat(send("POST", host, "Origin: http://" + host + "\r\n")).contains("foreign-host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:8080",
        "lab.localhost",
        "127.0.0.1",
        "127.9.9.9:1",
        "[::1]:8080"
      })
  void loopbackHost_isAnswered(String host) throws IOException {
    assertThat(send("GET", host, "")).startsWith("HTTP/1.1 200");
  }
}
