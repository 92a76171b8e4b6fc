package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.web.Api.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Requests of all kinds from one seed: sensible, at the border, and nonsense. Whatever is asked,
 * the server never fails, says what is wrong, and its books hold at the end. {@code
 * -Dfaultline.requests=50000} sends more, {@code -Dfaultline.seed=...} repeats a run.
 */
class RandomRequestsTest extends ApiTest {
  private static final int REQUESTS = Integer.getInteger("faultline.requests", 1_000);

  /** Rules whose problems say which member is at fault. */
  private static final Set<String> NAMING =
      Set.of("bad-command", "bad-parameter", "unknown-process", "sequence-ahead", "limit-frames");

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TreeMap<String, Integer> seen = new TreeMap<>();
  private int sent;

  @Test
  void anyRequest_isAnsweredInOrder() {
    System.out.println("RandomRequestsTest: -Dfaultline.seed=" + seed);
    TestLab lab = api.open("{\"frames\":256}");
    lab.spawn();
    lab.put("/f", TestLab.bytes(5 * TestLab.PAGE + 7)).is(201);
    while (sent < REQUESTS) {
      request(lab);
    }
    System.out.println("RandomRequestsTest: " + sent + " requests, " + seen);
    assertThat(lab.auditHolds()).as("seed %d", seed).isTrue();
    assertThat(seen.keySet())
        .as("a run that reaches something")
        .contains("200", "bad-command", "unknown-process", "errno", "signal");
  }

  private void request(TestLab lab) {
    sent++;
    switch (random.nextInt(20)) {
      case 0 ->
          check(lab.get("/tables/" + oneOf("vma", "pte", "frame", "tlb", "x") + "?" + query()));
      case 1 -> check(lab.get("/changes?" + query()));
      case 2 -> check(lab.get("/processes/" + coded(number()) + "/translate?" + query()));
      case 3 -> check(lab.get("/processes/" + coded(number()) + "/maps"));
      case 4 -> check(api.post("/labs", object("name", "seed", "tlb", "paging", "frames")));
      case 5 -> check(api.put(lab.at("/files/" + coded(text()) + "?" + query()), bytes()));
      case 6 -> check(api.delete(lab.at("/files/" + oneOf("f", "g", coded(text())))));
      case 7 -> check(lab.commands(mangled(command())));
      case 8 -> {
        String path = lab.at("/commands?stopOnError=" + oneOf("true", "false", coded(text())));
        check(api.post(path, "[" + command() + "," + command() + "," + command() + "]"));
      }
      case 9 -> check(api.send(oneOf("PATCH", "DELETE", "GET"), lab.at("/commands"), bytes()));
      default -> check(lab.commands(command()));
    }
  }

  private void check(Answer answer) {
    String what = "request %d of seed %d: %s".formatted(sent, seed, answer.text());
    assertThat(answer.status()).as(what).isLessThan(500);
    if (answer.status() < 400) {
      count(Integer.toString(answer.status()));
      if (answer.status() == 201 && answer.header("Location").startsWith("/api/v1/labs/")) {
        api.delete(answer.header("Location").substring("/api/v1".length()));
      }
      countOutcome(answer);
      return;
    }
    assertThat(answer.header("Content-Type")).as(what).startsWith("application/problem+json");
    String type = answer.json().path("type").asString("");
    String rule = type.substring(type.lastIndexOf('/') + 1);
    assertThat(Rule.labelled(rule)).as(what).isPresent();
    if (NAMING.contains(rule)) {
      assertThat(answer.json().path("member").asString("")).as(what).isNotBlank();
    }
    count(rule);
  }

  private void countOutcome(Answer answer) {
    if (answer.header("Content-Type").startsWith("application/json")) {
      JsonNode json = answer.json();
      JsonNode outcome = json.isArray() && !json.isEmpty() ? json.get(0) : json;
      for (String kind : List.of("errno", "signal")) {
        if (outcome.hasNonNull(kind)) {
          count(kind);
        }
      }
    }
  }

  private void count(String what) {
    seen.merge(what, 1, Integer::sum);
  }

  private String command() {
    return switch (random.nextInt(13)) {
      case 0 -> object("do", "pid", "address", "length", "fd", "prot", "flags", "data", "path");
      case 1 -> "{\"do\":\"spawn\"" + maybe(",\"name\":" + quoted(text())) + "}";
      case 2, 3 ->
          "{\"do\":\"open\",\"pid\":%s,\"path\":%s,\"flags\":%s}"
              .formatted(
                  pid(), oneOf("\"/f\"", "\"/f\"", quoted(text())), flags("RDWR", "CREAT", "EXCL"));
      case 4 -> "{\"do\":\"close\",\"pid\":%s,\"fd\":%d}".formatted(pid(), random.nextInt(-1, 8));
      case 5, 6, 7 ->
          "{\"do\":\"mmap\",\"pid\":%s,\"address\":%s,\"length\":%s,\"prot\":%s,\"flags\":%s,\"fd\":%d,\"offset\":%s}"
              .formatted(
                  pid(),
                  address(),
                  length(),
                  flags("READ", "WRITE", "EXEC"),
                  flags("PRIVATE", "SHARED", "ANONYMOUS", "FIXED"),
                  random.nextInt(2, 6),
                  oneOf("0", "0", "4096", number()));
      case 8 ->
          "{\"do\":\"munmap\",\"pid\":%s,\"address\":%s,\"length\":%s}"
              .formatted(pid(), address(), length());
      case 9 ->
          "{\"do\":\"read\",\"pid\":%s,\"address\":%s,\"length\":%s}"
              .formatted(pid(), address(), length());
      case 10 ->
          "{\"do\":\"write\",\"pid\":%s,\"address\":%s,\"data\":%s}"
              .formatted(
                  pid(), address(), oneOf("{\"hex\":\"00ff\"}", "{\"text\":\"hello\"}", value()));
      // The first processes stay, or there would soon be nobody to act in.
      case 11 ->
          random.nextInt(3) == 0
              ? "{\"do\":\"exit\",\"pid\":%d}".formatted(random.nextInt(4, 60))
              : "{\"do\":\"fork\",\"pid\":%s}".formatted(pid());
      default -> "{\"do\":\"execute\",\"pid\":%s,\"address\":%s}".formatted(pid(), address());
    };
  }

  private String object(String... members) {
    var json = new StringBuilder("{");
    for (String member : members) {
      if (random.nextBoolean()) {
        json.append(json.length() > 1 ? "," : "")
            .append(quoted(member))
            .append(':')
            .append(value());
      }
    }
    return json.append('}').toString();
  }

  private String value() {
    return switch (random.nextInt(9)) {
      case 0 -> "null";
      case 1 -> "true";
      case 2 -> "[" + maybe(value()) + "]";
      case 3 -> "{" + maybe("\"hex\":" + value()) + "}";
      case 4 -> quoted(text());
      case 5 -> "1.5";
      default -> number();
    };
  }

  private String number() {
    return switch (random.nextInt(8)) {
      case 0 -> Long.toString(random.nextLong());
      case 1 -> Integer.toString(random.nextInt());
      case 2 -> "99999999999999999999999";
      case 3 -> "-1";
      case 4 -> "0";
      case 5 -> Long.toUnsignedString(1L << random.nextInt(64));
      default -> Integer.toString(random.nextInt(5));
    };
  }

  private String pid() {
    return random.nextInt(12) == 0 ? number() : Integer.toString(random.nextInt(1, 4));
  }

  private String address() {
    return random.nextInt(8) == 0
        ? number()
        : "\"0x%x\""
            .formatted(0x10000 + random.nextInt(16) * 4096 + maybeOne() * random.nextInt(4096));
  }

  private String length() {
    return random.nextInt(8) == 0 ? number() : Integer.toString(random.nextInt(1, 20_000));
  }

  private int maybeOne() {
    return random.nextInt(4) == 0 ? 1 : 0;
  }

  private String flags(String... names) {
    var list = new StringBuilder("[");
    for (String name : names) {
      if (random.nextInt(3) != 0) {
        list.append(list.length() > 1 ? "," : "").append(quoted(name));
      }
    }
    return list.append(']').toString();
  }

  private String query() {
    var query = new StringBuilder();
    for (String name : List.of("at", "after", "limit", "address", "access", "pid", "mode")) {
      if (random.nextInt(4) == 0) {
        query.append('&').append(name).append('=').append(coded(oneOf(number(), number(), text())));
      }
    }
    return query.isEmpty() ? "" : query.substring(1);
  }

  private String text() {
    return oneOf(
        "f",
        "/f",
        "a b",
        "ä",
        "../../x",
        "%",
        "<x>",
        "a\\b",
        "",
        "\ud83d\udc27",
        "x".repeat(300),
        "a\nb",
        ";");
  }

  private byte[] bytes() {
    return new byte[random.nextInt(1, 5000)];
  }

  private String mangled(String json) {
    int at = random.nextInt(json.length());
    return json.substring(0, at) + oneOf("", "\"", "}", ",", "\\ud800") + json.substring(at + 1);
  }

  private String maybe(String text) {
    return random.nextBoolean() ? text : "";
  }

  private String oneOf(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static String quoted(String text) {
    return Api.JSON.writeValueAsString(text);
  }

  private static String coded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
