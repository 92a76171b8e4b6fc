package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import dev.faultline.web.DescribedCalls.Call;
import dev.faultline.web.DescribedCalls.Request;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Requests made from the OpenAPI document by chance, for every call that it describes: none fails
 * the server or hangs, whatever is refused is a problem that names what is at fault, and nothing is
 * left behind. {@code -Dfaultline.requests=50000} sends more, {@code -Dfaultline.seed=...} repeats.
 */
class DescribedCallsTest extends ApiTest {
  private static final int REQUESTS = Integer.getInteger("faultline.requests", 1_000);
  private static final int REQUESTS_A_LAB = 500;
  private static final int MOST_TRIES = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What is refused as a whole, so that there is no member to name. */
  private static final Set<String> OF_THE_WHOLE =
      Set.of("bad-json", "bad-request", "bad-recording", "bad-archive", "method-not-allowed");

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TreeMap<String, Integer> seen = new TreeMap<>();
  private final Set<String> answered = new TreeSet<>();
  private final Set<String> refused = new TreeSet<>();

  private int sent;

  @Autowired private Streams streams;

  private TestLab lab = new TestLab(api, "none");
  private String recording = "none";

  @Test
  void everyDescribedCall_isAnsweredInOrder() throws Exception {
    System.out.println("DescribedCallsTest: -Dfaultline.seed=" + seed);
    JsonNode document = api.get("/openapi").is(200).json();
    var described = new DescribedCalls(document, random, known(), bodies());
    List<Call> calls = described.calls();
    Call commands = find(calls, "POST /api/v1/labs/{lab}/commands");
    int labsBefore = api.get("/labs").json().size();
    for (int i = 0; i < REQUESTS; i++) {
      send(described, i % 2 == 0 ? commands : calls.get(i / 2 % calls.size()));
    }
    for (Call call : calls) { // what chance has left out
      for (int i = 0; i < MOST_TRIES && !isCovered(call); i++) {
        send(described, call);
      }
    }
    System.out.println("DescribedCallsTest: " + sent + " requests, " + seen);
    assertThat(calls).allMatch(this::isCovered, "was answered and refused");
    leaveLab();
    assertThat(api.get("/labs").json()).hasSize(labsBefore);
    assertThat(api.get("/recordings").json()).isEmpty();
    assertNobodyFollows();
  }

  /** Who follows a laboratory that has ended is told so and goes. */
  private void assertNobodyFollows() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!streams.followers().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(streams.followers()).isEmpty();
  }

  private void send(DescribedCalls described, Call call) throws Exception {
    if (sent % REQUESTS_A_LAB == 0) {
      renewLab();
    }
    send(described.request(call), "request %d of seed %d: ".formatted(sent, seed));
    sent++;
    if (call.method().equals("DELETE") && isGone()) {
      renewLab();
    }
  }

  /** Whether a call was both answered and, where anything can be wrong about it, refused. */
  private boolean isCovered(Call call) {
    String name = call.toString();
    return answered.contains(name) && (refused.contains(name) || !call.takesAnything());
  }

  /** A request may have ended the laboratory or deleted its recording. */
  private boolean isGone() {
    return api.get(lab.at("")).status() != 200
        || api.get("/recordings/" + recording).status() != 200;
  }

  /** Another laboratory with something in it, and its recording; the former ones hold and end. */
  private void renewLab() {
    leaveLab();
    lab = api.open("{\"frames\":256}");
    lab.mapFile(lab.spawn(), "/f", 4);
    lab.spawn();
    lab.spawn();
    lab.write(1, lab.map(1, 8), "x");
    recording = upload();
  }

  private void leaveLab() {
    Answer audit = api.get(lab.at("/audit"));
    if (audit.status() == 200) {
      assertThat(audit.json().get("holds").asBoolean()).as("seed %d", seed).isTrue();
    }
    api.endLabs();
    api.delete("/recordings/" + recording);
  }

  private String upload() {
    byte[] bytes = lab.get("/recording").is(200).bytes();
    return api.send("POST", "/recordings", bytes).is(201).json().get("id").asString();
  }

  private static Call find(List<Call> calls, String name) {
    return calls.stream().filter(call -> call.toString().equals(name)).findFirst().orElseThrow();
  }

  private void send(Request request, String when) throws Exception {
    String what = when + request;
    Answer answer = answer(request);
    assertThat(answer.status()).as(what + " -> " + answer.text()).isLessThan(500);
    if (answer.status() < 400) {
      answered.add(request.call().toString());
      count(Integer.toString(answer.status()));
      undo(answer);
      return;
    }
    refused.add(request.call().toString());
    assertThat(answer.header("Content-Type")).as(what).startsWith("application/problem+json");
    String type = answer.json().path("type").asString("");
    String rule = type.substring(type.lastIndexOf('/') + 1);
    assertThat(Rule.labelled(rule)).as(what).isPresent();
    assertThat(answer.json().path("detail").asString("")).as(what).isNotBlank();
    if (!OF_THE_WHOLE.contains(rule)) {
      JsonNode problem = answer.json();
      String fault = problem.path("member").asString("") + problem.path("limit").asString("");
      assertThat(fault).as("%s -> %s", what, answer.text()).isNotBlank();
    }
    count(rule);
  }

  /** The answer; of one that has no end, its beginning. */
  private Answer answer(Request request) throws Exception {
    boolean isEndless =
        request.call().path().endsWith("/events") || request.path().contains("follow=true");
    if (!isEndless) {
      String[] headers = request.headers().toArray(String[]::new);
      return api.send(request.call().method(), request.path(), request.body(), headers);
    }
    HttpRequest.Builder builder = HttpRequest.newBuilder(api.uri(request.path())).timeout(PATIENCE);
    if (!request.headers().isEmpty()) {
      builder.headers(request.headers().toArray(String[]::new));
    }
    HttpResponse<InputStream> response =
        api.http.send(builder.build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      byte[] bytes = response.statusCode() < 400 ? new byte[0] : body.readAllBytes();
      return new Answer(response.statusCode(), response.headers(), bytes);
    }
  }

  /** Ends what a request has made. */
  private void undo(Answer answer) {
    String made = answer.header("Location");
    if (answer.status() == 201 && made.matches("/api/v1/(labs|recordings)/[^/]+")) {
      api.delete(made.substring("/api/v1".length())).is(204);
    }
  }

  private void count(String what) {
    seen.merge(what, 1, Integer::sum);
  }

  /** What there is in the laboratory, so that many requests find something. */
  private Map<String, Supplier<String>> known() {
    Map<String, Supplier<String>> known = new HashMap<>();
    known.put("lab", () -> lab.id());
    known.put("recording", () -> recording);
    known.put("pid", () -> Integer.toString(random.nextInt(1, 4)));
    known.put("remotePid", known.get("pid"));
    known.put("left", () -> oneOf("labs/" + lab.id(), "recordings/" + recording));
    known.put("right", known.get("left"));
    known.put("path", () -> oneOf("/f", "/f", "/g", "/d/h"));
    known.put("id", () -> oneOf("private-file-write", "tlb-miss"));
    known.put("scenario", known.get("id"));
    known.put("table", () -> oneOf("frame", "vma", "pte", "process"));
    known.put("key", () -> oneOf("0x0", "1", "0x4"));
    known.put("column", () -> oneOf("refs", "start", "value", "pid"));
    known.put("ppn", () -> Integer.toString(random.nextInt(257)));
    known.put("at", () -> Integer.toString(random.nextInt(60)));
    known.put("seq", known.get("at"));
    known.put("after", known.get("at"));
    known.put("If-Match", () -> "*");
    known.put("name", () -> oneOf("x.tar", "n"));
    known.put("cursor", () -> oneOf("a", lab.id()));
    known.put("limit", () -> Integer.toString(random.nextInt(1, 30)));
    known.put("tables", () -> oneOf("vma", "vma,pte"));
    known.put("rate", () -> "60");
    known.put("fd", () -> Integer.toString(random.nextInt(3, 6)));
    known.put("address", () -> "0x%x".formatted(0x3ff7ff0000L + random.nextInt(17) * 4096L));
    known.put("newAddress", known.get("address"));
    known.put("length", () -> Integer.toString(random.nextInt(1, 20_000)));
    known.put("newLength", known.get("length"));
    known.put("offset", () -> oneOf("0", "4096"));
    known.put("instructions", () -> "1000");
    return known;
  }

  /** Bytes that calls can take: a recording, an empty archive. */
  private Map<String, Supplier<byte[]>> bodies() {
    return Map.of(
        "POST /api/v1/recordings", () -> lab.get("/recording").bytes(),
        "PUT /api/v1/labs/{lab}/archives", () -> new byte[10_240]);
  }

  private String oneOf(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
