package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Whatever is wrong with a request, the answer says so in the same way. */
@Import(ProblemsTest.Defect.class)
class ProblemsTest extends ApiTest {
  /** A call that fails as none should. */
  @TestConfiguration(proxyBeanMethods = false)
  @RestController
  static class Defect {
    @GetMapping("/api/v1/defect")
    String fail() {
      throw new IllegalStateException("a detail that is nobody's business");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[{]",
        "{'do':'spawn'} {'do':'spawn'}",
        "{'do':'spawn','do':'spawn'}",
        "nul",
        "{'do':\"spawn}",
        "{do:1}",
        "{'a':NaN}",
        "{'a':01}",
        "\u0000"
      })
  void bodyThatIsNoJson_isToldSo(String body) {
    TestLab lab = api.open();
    JsonNode problem = lab.commands(body.replace('\'', '"')).problem("bad-json");
    assertThat(problem.get("detail").asString()).isNotBlank();
  }

  @Test
  void bytesThatAreNoUtf8_areNoJson() {
    TestLab lab = api.open();
    byte[] body = {'"', (byte) 0xff, (byte) 0xfe, '"'};
    api.send("POST", lab.at("/commands"), body).problem("bad-json");
  }

  @Test
  void deepNesting_isRefusedCheaply() {
    TestLab lab = api.open();
    lab.commands("[".repeat(100_000)).problem("bad-json");
    lab.commands("{\"do\":".repeat(1000) + "1" + "}".repeat(1000)).problem("bad-json");
  }

  @Test
  void endlessTokens_areRefusedBeforeTheyBecomeATree() {
    TestLab lab = api.open();
    lab.commands("[" + "0,".repeat(2_000_000) + "0]").problem("bad-json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "'text'", "true", "null", "[7]", "[[]]", "['x']", "[null]"})
  void jsonThatIsNoCommand_isNamed(String body) {
    String member = body.startsWith("[") ? "[0]" : "(body)";
    api.open().commands(body.replace('\'', '"')).problem("bad-command", member);
  }

  @Test
  void hugeNumber_isNamed() {
    TestLab lab = api.open();
    String close = "{\"do\":\"close\",\"pid\":1,\"fd\":%s}";
    lab.commands(close.formatted("9".repeat(90))).problem("bad-command", "fd");
    lab.commands(close.formatted("9".repeat(2000))).problem("bad-json");
    lab.commands(close.formatted("1e999999999")).problem("bad-command", "fd");
    lab.commands(close.formatted("\"" + "9".repeat(100_000) + "\"")).problem("bad-command", "fd");
  }

  @Test
  void bodyBeyondTheLimit_isTooLarge() {
    TestLab lab = api.open();
    JsonNode problem = lab.put("/big", new byte[(64 << 20) + 1]).problem("too-large", "(body)");
    assertThat(problem.get("limit").asString()).isEqualTo("requestBytes");
    assertThat(problem.get("value").asInt()).isEqualTo(64 << 20);
  }

  @Test
  void tooManyCommands_areTooLarge() {
    JsonNode problem =
        api.open()
            .commands("[" + "{\"do\":\"spawn\"},".repeat(10_000) + "{\"do\":\"spawn\"}]")
            .problem("too-large", "(body)");
    assertThat(problem.get("limit").asString()).isEqualTo("commands");
  }

  @Test
  void wrongMethod_isToldWhichThereAre() {
    Answer answer = api.send("PATCH", "/labs", new byte[] {1});
    answer.problem("method-not-allowed");
    assertThat(answer.header("Allow")).contains("GET", "POST");
    api.get(api.open().at("/commands")).problem("method-not-allowed");
    api.delete("/labs").problem("method-not-allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/labs/x/y/z", "/lab", "//api/v2/labs", "//api/nothing"})
  void unknownAddress_isToldSo(String path) {
    api.get(path).problem("unknown-address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/csv", "image/png", "application/xml"})
  void acceptThatCannotBeMet_isToldSo(String type) {
    api.get("/labs", "Accept", type).problem("not-acceptable");
    api.get("/limits", "Accept", type).problem("not-acceptable");
  }

  @Test
  void acceptThatIsNone_isToldSo() {
    api.get("/labs", "Accept", "nonsense").problem("not-acceptable");
  }

  @Test
  void badBoolean_isNamed() {
    api.post(api.open().at("/commands?stopOnError=perhaps"), "[]")
        .problem("bad-parameter", "stopOnError");
  }

  @Test
  void defect_saysNothingOfItsInside() {
    Answer answer = api.get("/defect").is(500);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertThat(answer.json().get("type").asString()).isEqualTo("/problems/internal");
    assertThat(answer.text()).doesNotContain("business", "Exception");
  }

  /** Tomcat itself refuses these before the application sees them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/v1/labs/<x> HTTP/1.1",
        "GET /api/v1/labs/%zz HTTP/1.1",
        "G@T / HTTP/1.1",
        "GET /api/v1/labs/a%2Fb HTTP/1.1",
        "GET /api/v1/labs HTTP/7.5"
      })
  void malformedRequestLine_isAProblemToo(String line) throws IOException {
    String answer = raw(line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertThat(answer).containsPattern("^HTTP/1.1 (4\\d\\d|505)").contains("/problems/");
  }

  @Test
  void headersBeyondTheLimit_areAProblemToo() throws IOException {
    String header = "X: " + "x".repeat(20_000);
    String answer = raw("GET /api/v1/labs HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
    assertThat(answer).containsPattern("^HTTP/1.1 4\\d\\d").contains("/problems/bad-request");
  }

  @Test
  void statusWithoutAWord_isGivenOne() {
    api.get("//actuator/metrics/none").problem("unknown-address", "(address)");
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void everyRule_hasAPage(Rule rule) {
    Answer page = api.get("//problems/" + rule.label(), "Accept", "text/html,*/*;q=0.8").is(200);
    assertThat(page.header("Content-Type")).startsWith("text/html");
    assertThat(page.text()).contains(rule.label(), rule.title());
    JsonNode json = api.get("//problems/" + rule.label(), "Accept", "application/json").json();
    assertThat(json.get("type").asString()).isEqualTo("/problems/" + rule.label());
    assertThat(json.get("status").asInt()).isEqualTo(rule.status().value());
    assertThat(json.get("explanation").asString()).isEqualTo(rule.explanation());
  }

  @Test
  void unknownRule_isNotFound() {
    api.get("//problems/no-such-rule").problem("unknown-address");
    assertThat(api.get("//problems/no-such-rule", "Accept", "text/html").is(404).text())
        .contains("no-such-rule", "<html");
  }

  @Test
  void person_getsAPageWhereAProgramGetsAProblem() {
    Answer page = api.get("//nowhere", "Accept", "text/html,application/xhtml+xml").is(404);
    assertThat(page.header("Content-Type")).startsWith("text/html");
    assertThat(page.text()).contains("<html", "unknown-address");
    api.get("//nowhere").problem("unknown-address");
    api.get("/nowhere", "Accept", "text/html").problem("unknown-address");
  }
}
