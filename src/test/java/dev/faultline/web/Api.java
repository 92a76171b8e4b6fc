package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the API over a real port, as a script is one. */
final class Api {
  static final JsonMapper JSON = new JsonMapper();

  final int port;
  final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final List<TestLab> labs = new ArrayList<>();

  Api(int port) {
    this.port = port;
  }

  /** What came back. */
  record Answer(int status, HttpHeaders headers, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      return JSON.readTree(bytes);
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    Answer is(int wanted) {
      assertThat(status).as(text()).isEqualTo(wanted);
      return this;
    }

    /** Problem details for a rule, complete and with the right type. */
    JsonNode problem(String rule) {
      assertThat(status).as(text()).isBetween(400, 499);
      assertThat(header("Content-Type")).startsWith("application/problem+json");
      JsonNode problem = json();
      assertThat(problem.path("type").asString("")).as(text()).isEqualTo("/problems/" + rule);
      assertThat(problem.path("status").asInt()).isEqualTo(status);
      assertThat(problem.path("title").asString("")).isNotBlank();
      return problem;
    }

    /** Problem details for a rule that name the member at fault. */
    JsonNode problem(String rule, String member) {
      JsonNode problem = problem(rule);
      assertThat(problem.path("member").asString("")).as(text()).isEqualTo(member);
      return problem;
    }
  }

  /** An address below {@code /api/v1}, or anywhere when it begins with {@code //}. */
  URI uri(String path) {
    String full = path.startsWith("//") ? path.substring(1) : "/api/v1" + path;
    return URI.create("http://127.0.0.1:" + port + full);
  }

  Answer get(String path, String... headers) {
    return send("GET", path, new byte[0], headers);
  }

  Answer delete(String path) {
    return send("DELETE", path, new byte[0]);
  }

  Answer post(String path, String json) {
    return send(
        "POST", path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
  }

  Answer put(String path, byte[] bytes) {
    return send("PUT", path, bytes);
  }

  Answer send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      var response = http.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    } catch (InterruptedException exception) {
      throw new IllegalStateException(exception);
    }
  }

  /** A GET whose answer is read as it comes. */
  HttpResponse<InputStream> stream(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofInputStream());
  }

  TestLab open() {
    return open("{}");
  }

  TestLab open(String settings) {
    var lab = new TestLab(this, post("/labs", settings).is(201).json().get("id").asString());
    labs.add(lab);
    return lab;
  }

  /** Ends what this client has opened. */
  void endLabs() {
    labs.forEach(lab -> delete(lab.at("")));
    labs.clear();
  }
}
