package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Where others reach the server, a laboratory opens to those who hold a token of it. */
@TestPropertySource(
    properties = {
      "faultline.access=token",
      "faultline.rates.client=2000",
      "faultline.rates.lab=2",
      "faultline.cors.origins=https://notebook.example"
    })
class AccessTest extends ApiTest {
  private static final byte[] SPAWN = "{\"do\":\"spawn\"}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NOTHING = new byte[0];

  private record Opened(String id, String token, String viewToken) {
    String at(String path) {
      return "/labs/" + id + path;
    }
  }

  private final java.util.ArrayList<Opened> labs = new java.util.ArrayList<>();

  private Opened open() {
    JsonNode lab = api.post("/labs", "{\"frames\":64}").is(201).json();
    var opened =
        new Opened(
            lab.get("id").asString(), lab.get("token").asString(), lab.get("viewToken").asString());
    labs.add(opened);
    return opened;
  }

  @AfterEach
  void end() {
    labs.forEach(lab -> send("DELETE", lab.at(""), NOTHING, lab.token()));
  }

  private Answer send(String method, String path, byte[] body, String token) {
    return api.send(method, path, body, "Authorization", "Bearer " + token);
  }

  @Test
  void owner_actsAndLooks() {
    Opened lab = open();
    send("POST", lab.at("/commands"), SPAWN, lab.token()).is(200);
    send("GET", lab.at("/tables/process"), NOTHING, lab.token()).is(200);
    assertThat(send("GET", lab.at(""), NOTHING, lab.token()).is(200).json().has("token")).isFalse();
  }

  @Test
  void viewer_looksAndCannotAct() {
    Opened lab = open();
    send("GET", lab.at("/tables/process"), NOTHING, lab.viewToken()).is(200);
    send("GET", lab.at("/recording"), NOTHING, lab.viewToken()).is(200);
    send("POST", lab.at("/commands"), SPAWN, lab.viewToken())
        .is(403)
        .problem("view-only", "Authorization");
    send("PUT", lab.at("/files/a"), SPAWN, lab.viewToken()).problem("view-only");
    send("GET", lab.at("/presenter"), NOTHING, lab.viewToken()).is(200);
    send("PUT", lab.at("/presenter"), SPAWN, lab.viewToken()).problem("view-only");
    send("DELETE", lab.at(""), NOTHING, lab.viewToken()).problem("view-only");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/tables/process",
        "/changes",
        "/events",
        "/files",
        "/recording",
        "/audit",
        "/presenter",
        "/processes/1/maps",
        "/frames/0",
        "/why?table=frame&key=0",
        ";x=y/changes"
      })
  void stranger_seesNothing(String path) {
    Opened lab = open();
    Answer answer = api.get(lab.at(path)).is(401);
    answer.problem("no-token", "Authorization");
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    Opened other = open();
    send("GET", lab.at(path), NOTHING, other.token()).problem("no-token");
  }

  @Test
  void stranger_seesNothingBySideDoors() {
    Opened lab = open();
    Opened own = open();
    assertThat(api.get("/labs").json()).isEmpty();
    assertThat(send("GET", "/labs", NOTHING, own.token()).json()).hasSize(1);
    api.get("/diff?left=labs/" + lab.id() + "&right=labs/" + lab.id()).problem("no-token");
    api.get("/%6cabs/" + lab.id()).problem("no-token");
    String branch = "{\"from\":{\"lab\":\"%s\",\"seq\":1}}".formatted(lab.id());
    api.post("/labs", branch).problem("no-token");
    api.get("//labs/" + lab.id()).problem("no-token");
    api.get("//labs/" + lab.id() + "?token=" + own.token()).problem("no-token");
    api.send("POST", "//labs/" + lab.id() + "/forms/spawn", NOTHING).problem("no-token");
    api.get("/labs/nosuchlab").problem("no-token");
    api.get("//compare?left=" + lab.id() + "&right=" + own.id()).problem("no-token");
    assertThat(api.get("//compare").is(200).text()).doesNotContain(lab.id());
    assertThat(api.get("//").is(200).text()).doesNotContain(lab.id());
  }

  @Test
  void comparedLabs_areThoseOfWhoeverOpenedThem() {
    byte[] form = "scenario=private-file-write".getBytes(StandardCharsets.UTF_8);
    Answer opened =
        api.send("POST", "//compare", form, "Content-Type", "application/x-www-form-urlencoded")
            .is(302);
    String cookies =
        opened.headers().allValues("Set-Cookie").stream()
            .filter(cookie -> cookie.contains("Path=/compare;"))
            .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
            .collect(Collectors.joining("; "));
    String page = opened.header("Location");
    String path = page.substring(page.indexOf("/compare"));
    assertThat(api.get("/" + path, "Cookie", cookies).is(200).text()).contains("lazy", "eager");
    api.get("/" + path).problem("no-token");
  }

  @Test
  void cookieOverTls_isSentOverNothingElse() {
    var request = new MockHttpServletRequest();
    for (boolean isSecure : new boolean[] {true, false}) {
      request.setSecure(isSecure);
      var response = new MockHttpServletResponse();
      Access.keep("token", "lab", request, response);
      assertThat(response.getHeaders("Set-Cookie"))
          .isNotEmpty()
          .allMatch(cookie -> cookie.contains("; Secure") == isSecure);
    }
  }

  @Test
  void link_letsABrowserLook() {
    Opened lab = open();
    Answer moved = api.get("//labs/" + lab.id() + "?token=" + lab.viewToken()).is(302);
    assertThat(moved.header("Location")).endsWith("/labs/" + lab.id());
    List<String> cookies = moved.headers().allValues("Set-Cookie");
    assertThat(cookies)
        .hasSize(3)
        .allMatch(cookie -> cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    String cookie = cookies.getFirst().substring(0, cookies.getFirst().indexOf(';'));
    assertThat(api.get("//labs/" + lab.id(), "Cookie", cookie).is(200).text())
        .contains("watching")
        .doesNotContain(lab.token());
    api.get(lab.at("/changes"), "Cookie", cookie).is(200);
    api.send("POST", lab.at("/commands"), SPAWN, "Cookie", cookie).problem("view-only");
  }

  @Test
  void pageThatOpensALab_isItsOwner() {
    Answer opened = api.send("POST", "//labs", NOTHING).is(302);
    String cookie = opened.headers().allValues("Set-Cookie").getFirst();
    String page = opened.header("Location");
    String path = page.substring(page.indexOf("/labs/"));
    String html =
        api.get("/" + path, "Cookie", cookie.substring(0, cookie.indexOf(';'))).is(200).text();
    assertThat(html).contains("view link").doesNotContain("watching");
  }

  @Test
  void stream_wantsATokenToo() {
    Opened lab = open();
    URI uri = URI.create("ws://127.0.0.1:" + api.port + "/api/v1" + lab.at("/stream"));
    var listener = new WebSocket.Listener() {};
    var refused =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            CompletionException.class,
            () -> api.http.newWebSocketBuilder().buildAsync(uri, listener).join());
    assertThat(refused)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            cause -> assertThat(cause.getResponse().statusCode()).isEqualTo(401));
    api.http
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + lab.viewToken())
        .buildAsync(uri, listener)
        .join()
        .abort();
  }

  @Test
  void labThatIsActedUponTooOften_asksToWait() {
    Opened lab = open();
    Answer answer = send("POST", lab.at("/commands"), SPAWN, lab.token());
    for (int i = 0; i < 100 && answer.status() == 200; i++) {
      answer = send("POST", lab.at("/commands"), SPAWN, lab.token());
    }
    answer.is(429).problem("too-fast");
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 10);
    send("GET", lab.at(""), NOTHING, lab.token()).is(200);
    Opened other = open();
    send("POST", other.at("/commands"), SPAWN, other.token()).is(200);
  }

  @Test
  void configuredOrigin_mayUseTheApiAndNoOther() {
    String ours = "https://notebook.example";
    Answer preflight =
        api.send(
            "OPTIONS",
            "/labs/x/commands",
            NOTHING,
            "Origin",
            ours,
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "authorization");
    assertThat(preflight.is(200).header("Access-Control-Allow-Origin")).isEqualTo(ours);
    assertThat(api.get("/limits", "Origin", ours).header("Access-Control-Allow-Origin"))
        .isEqualTo(ours);
    assertThat(api.get("/limits", "Origin", "https://evil.example").headers().map())
        .doesNotContainKey("access-control-allow-origin");
    api.send("POST", "/labs", NOTHING, "Origin", "https://evil.example").is(403);
    api.send("POST", "/labs", NOTHING, "Sec-Fetch-Site", "cross-site").problem("foreign-origin");
  }
}
