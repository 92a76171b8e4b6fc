package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/**
 * Every rule that a client can break, broken once over HTTP: the answer is a problem of that rule
 * that names the member at fault. A rule that is added has to be broken here too.
 */
@Timeout(120)
@TestPropertySource(
    properties = {
      "faultline.access=token",
      "faultline.rates.client=0",
      "faultline.rates.lab=20",
      "faultline.viewers=1",
      "faultline.limits.labs=3",
      "faultline.limits.frames=512",
      "faultline.limits.processes=2",
      "faultline.limits.files=2",
      "faultline.limits.request-bytes=131072",
      "faultline.limits.log-words=16384",
      "faultline.limits.recording-bytes=65536",
      "faultline.limits.strings=64",
      "faultline.limits.run-millis=1500",
    })
class EveryProblemTest extends ApiTest {
  private static final String SPAWN = "{'do':'spawn'}";
  private static final String MAP =
      "{'do':'mmap','pid':1,'address':65536,'length':8192,'prot':['READ','WRITE','EXEC'],'flags':['PRIVATE','ANONYMOUS','FIXED']}";
  private static final String KEY = "Idempotency-Key";

  private final List<String> tokens = new ArrayList<>();
  private String lab = "";
  private String viewToken = "";

  /** What came of breaking a rule, and what it should name. */
  private record Broken(Answer answer, String member) {}

  static Stream<Rule> rules() {
    return Stream.of(Rule.values()).filter(rule -> rule.status().is4xxClientError());
  }

  @BeforeEach
  void open() {
    JsonNode opened = ask("POST", "/labs", "{'frames':64}").is(201).json();
    lab = "/labs/" + opened.get("id").asString();
    viewToken = opened.get("viewToken").asString();
    tokens.add(opened.get("token").asString());
    command(SPAWN).is(200);
  }

  @AfterEach
  void end() {
    for (JsonNode opened : ask("GET", "/labs", "").json()) {
      ask("DELETE", "/labs/" + opened.get("id").asString(), "");
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void brokenRule_isAProblemThatNamesTheMember(Rule rule) throws Exception {
    Broken broken = broken(rule);
    JsonNode problem = broken.answer().problem(rule.label(), broken.member());
    assertThat(problem.get("detail").asString()).isNotBlank();
  }

  private Broken broken(Rule rule) throws Exception {
    return switch (rule) {
      case UNKNOWN_LAB -> {
        ask("DELETE", lab, "").is(204);
        yield new Broken(get(""), "lab");
      }
      case UNKNOWN_PROCESS ->
          new Broken(command("[" + SPAWN + ",{'do':'exit','pid':9}]"), "[1].pid");
      case UNKNOWN_FILE -> new Broken(get("/files/none"), "path");
      case UNKNOWN_FRAME -> new Broken(get("/frames/64"), "ppn");
      case UNKNOWN_TABLE -> new Broken(get("/tables/none"), "table");
      case UNKNOWN_ADDRESS -> new Broken(get("/none"), "(address)");
      case UNKNOWN_ROW -> new Broken(get("/why?table=frame&key=60"), "key");
      case UNKNOWN_RECORDING -> {
        String recording = upload("x", "x");
        ask("DELETE", "/recordings/" + recording, "").is(204);
        String from = "{'from':{'recording':'%s','seq':1}}".formatted(recording);
        yield new Broken(ask("POST", "/labs", from), "from.recording");
      }
      case UNKNOWN_SCENARIO -> new Broken(ask("GET", "/scenarios/none", ""), "id");
      case BAD_RECORDING -> new Broken(ask("POST", "/recordings", "noise"), "(body)");
      case CANNOT_BRANCH -> {
        String recording = upload("\"engine\":\"", "\"engine\":\"other ");
        String from = "{'from':{'recording':'%s','seq':5}}".formatted(recording);
        Answer refused = ask("POST", "/labs", from);
        ask("DELETE", "/recordings/" + recording, "").is(204);
        yield new Broken(refused, "recording");
      }
      case NO_BOUNDARY -> new Broken(get("/frames/0/bytes?at=2"), "at");
      case BAD_COMMAND -> new Broken(command("{'do':'close','pid':1,'fd':[]}"), "fd");
      case BAD_PARAMETER -> new Broken(get("/why?table=frame"), "key");
      case BAD_HEADER -> new Broken(get("/stream"), "Upgrade");
      case BAD_RANGE -> new Broken(get("/recording", "Range", "bytes=99999999-"), "Range");
      case BAD_ARCHIVE -> new Broken(ask("PUT", lab + "/archives?name=x.tar", "noise"), "(body)");
      case BAD_JSON -> new Broken(command("{"), "(body)");
      case BAD_REQUEST -> new Broken(raw("GET /%zz HTTP/1.1", "localhost"), "(request)");
      case METHOD_NOT_ALLOWED -> new Broken(ask("PATCH", "/labs", ""), "(method)");
      case NOT_ACCEPTABLE -> new Broken(get("", "Accept", "text/csv"), "Accept");
      case NO_TOKEN -> new Broken(api.get(lab), "Authorization");
      case VIEW_ONLY -> new Broken(send(SPAWN, "Bearer " + viewToken), "Authorization");
      case TOO_FAST -> {
        Answer answer = command(SPAWN);
        while (answer.status() != 429) {
          answer = command(SPAWN);
        }
        yield new Broken(answer, "lab");
      }
      case FOREIGN_ORIGIN -> new Broken(command(SPAWN, "Origin", "http://evil.example"), "Origin");
      case FOREIGN_HOST -> new Broken(raw("GET /api/v1/labs HTTP/1.1", "evil.example"), "Host");
      case HEAD_MOVED -> new Broken(command(SPAWN, "If-Match", "\"1\""), "If-Match");
      case BAD_KEY -> new Broken(command(SPAWN, KEY, "x".repeat(300)), KEY);
      case KEY_REUSED -> {
        command(MAP, KEY, lab).is(200);
        yield new Broken(command(SPAWN, KEY, lab), KEY);
      }
      case KEY_IN_USE -> new Broken(twiceAtOnce(), KEY);
      case LIMIT_LABS -> {
        Answer answer = ask("POST", "/labs", "{'frames':64}");
        for (int i = 0; i < 3 && answer.status() == 201; i++) {
          tokens.add(answer.json().get("token").asString());
          answer = ask("POST", "/labs", "{'frames':64}");
        }
        yield new Broken(answer, "(request)");
      }
      case LIMIT_VIEWERS -> {
        String[] owner = {"Authorization", "Bearer " + tokens.getFirst()};
        try (InputStream events = api.stream(lab + "/events", owner).body()) {
          assertThat(events.read()).isEqualTo(':');
          yield new Broken(get("/events"), "(request)");
        }
      }
      case LIMIT_FRAMES -> new Broken(ask("POST", "/labs", "{'frames':513}"), "frames");
      case LIMIT_SWAP -> new Broken(ask("POST", "/labs", "{'frames':64,'swap':999999}"), "swap");
      case LIMIT_PROCESSES -> new Broken(command("[" + SPAWN + "," + SPAWN + "]"), "[1]");
      case LIMIT_FILES -> {
        ask("PUT", lab + "/files/a", "a").is(201);
        ask("PUT", lab + "/files/b", "b").is(201);
        yield new Broken(ask("PUT", lab + "/files/c", "c"), "(request)");
      }
      case LIMIT_STRINGS -> new Broken(names(), "[62]");
      case TOO_LARGE -> new Broken(ask("PUT", lab + "/files/x", "x".repeat(140_000)), "(body)");
      case SEQUENCE_GONE -> new Broken(goneAfter(1), "after");
      case SEQUENCE_AHEAD -> new Broken(get("/tables/vma?at=9999"), "at");
      case INTERNAL, STORAGE, LIMIT_DATA ->
          throw new AssertionError(rule + " is no fault of a request");
    };
  }

  /** Opens files that are not there until the laboratory has heard of as many as it may. */
  private Answer names() {
    var opens = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      opens.append(i == 0 ? "" : ",").append("{'do':'open','pid':1,'path':'/%d'}".formatted(i));
    }
    return command("[" + opens + "]");
  }

  /** Works until neither log nor recording reach back to a moment. */
  private Answer goneAfter(long moment) {
    String work = MAP + ",{'do':'write','pid':1,'address':65536,'data':{'text':'x'}},";
    String array = "[" + work.repeat(200) + MAP + "]";
    Answer answer = get("/changes?after=" + moment);
    for (int i = 0; i < 50 && answer.status() == 200; i++) {
      command(array).is(200);
      answer = get("/changes?limit=1&after=" + moment);
    }
    assertThat(answer.json().path("oldest").asLong()).isGreaterThan(moment);
    return answer;
  }

  /** The same long run with the same key by two at once: the later one is told so. */
  private Answer twiceAtOnce() {
    String loop = "{'do':'write','pid':1,'address':65536,'data':{'hex':'6f000000'}}";
    command("[" + MAP + "," + loop + "]").is(200);
    String run = "{'do':'run','pid':1,'address':65536}";
    var one = CompletableFuture.supplyAsync(() -> command(run, KEY, lab + "/run"));
    var other = CompletableFuture.supplyAsync(() -> command(run, KEY, lab + "/run"));
    return Stream.of(one.join(), other.join())
        .filter(answer -> answer.status() != 200)
        .findFirst()
        .orElseThrow();
  }

  /** Uploads this laboratory's recording as lines, with something in it changed. */
  private String upload(String text, String with) {
    String lines = get("/recording?format=ndjson").is(200).text().replace(text, with);
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    JsonNode kept = api.send("POST", "/recordings", bytes).is(201).json();
    tokens.add(kept.get("token").asString());
    return kept.get("id").asString();
  }

  private Answer get(String path, String... headers) {
    return ask("GET", lab + path, "", headers);
  }

  private Answer command(String json, String... headers) {
    return ask("POST", lab + "/commands", json, headers);
  }

  private Answer send(String json, String authorization) {
    byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return api.send("POST", lab + "/commands", body, "Authorization", authorization);
  }

  /** As the owner of all that was opened. Single quotes stand for double ones. */
  private Answer ask(String method, String path, String body, String... headers) {
    List<String> all = new ArrayList<>(Arrays.asList(headers));
    tokens.forEach(token -> all.addAll(List.of("Authorization", "Bearer " + token)));
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return api.send(method, path, bytes, all.toArray(String[]::new));
  }

  /** A request that no client library would send. */
  private Answer raw(String line, String host) {
    String request = line + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), api.port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, StandardCharsets.UTF_8);
      int body = text.indexOf("\r\n\r\n") + 4;
      var headers = new HashMap<String, List<String>>();
      text.substring(0, body)
          .lines()
          .skip(1)
          .filter(header -> header.contains(": "))
          .forEach(header -> {
            int colon = header.indexOf(": ");
            headers.put(header.substring(0, colon), List.of(header.substring(colon + 2)));
          });
      return new Answer(
          Integer.parseInt(text.substring(9, 12)),
          HttpHeaders.of(Map.copyOf(headers), (name, value) -> true),
          text.substring(body).getBytes(StandardCharsets.UTF_8));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
