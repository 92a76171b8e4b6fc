package dev.faultline.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(30)
class EventsTest extends ApiTest {
  private record Event(long id, String name, String data) {}

  /** Reads server-sent events as a browser would. */
  private final class Reader implements AutoCloseable {
    private final BufferedReader lines;

    Reader(TestLab lab, String query, String... headers) throws Exception {
      HttpResponse<java.io.InputStream> response = api.stream(lab.at("/events" + query), headers);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/event-stream");
      lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** The next event, comments left out; null at the end. */
    @Nullable Event next() throws IOException {
      long id = 0;
      String name = "message";
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = Long.parseLong(line.substring(4));
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data += line.substring(6);
        } else if (line.isEmpty() && !data.isEmpty()) {
          return new Event(id, name, data);
        }
      }
      return null;
    }

    List<JsonNode> next(int count) throws IOException {
      List<JsonNode> records = new ArrayList<>();
      while (records.size() < count) {
        Event event = Objects.requireNonNull(next());
        JsonNode record = Api.JSON.readTree(event.data());
        assertThat(record.get("seq").asLong()).isEqualTo(event.id());
        records.add(record);
      }
      return records;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  @Test
  void eventsAfterAMoment_areTheChanges() throws Exception {
    TestLab lab = api.open();
    lab.spawn();
    try (Reader reader = new Reader(lab, "?after=0")) {
      int head = (int) lab.head();
      assertThat(reader.next(head)).isEqualTo(lab.changes(0, head));
    }
  }

  @Test
  void events_comeAsTheyHappen() throws Exception {
    TestLab lab = api.open();
    try (Reader reader = new Reader(lab, "")) {
      JsonNode outcome = lab.run("{'do':'spawn','name':'über \\n\\n line'}");
      int count = (int) (outcome.get("lastSeq").asLong() - outcome.get("firstSeq").asLong()) + 1;
      List<JsonNode> live = reader.next(count);
      assertThat(live.getLast().get("seq")).isEqualTo(outcome.get("lastSeq"));
      assertThat(live.get(1).get("text").asString()).isEqualTo("über \n\n line");
    }
  }

  @Test
  void lastEventId_resumesWithoutGapOrRepetition() throws Exception {
    TestLab lab = api.open();
    lab.spawn();
    lab.map(1, 4);
    long last;
    try (Reader reader = new Reader(lab, "?after=2")) {
      last = reader.next(5).getLast().get("seq").asLong();
      assertThat(last).isEqualTo(7);
    }
    try (Reader reader = new Reader(lab, "?after=2", "Last-Event-ID", Long.toString(last))) {
      assertThat(TestLab.numbers(reader.next(3)))
          .containsExactlyElementsOf(LongStream.rangeClosed(8, 10).boxed().toList());
    }
  }

  @Test
  void endOfTheLab_isToldAfterAllItsRecordsAndAtOnce() throws Exception {
    TestLab lab = api.open();
    try (Reader reader = new Reader(lab, "?after=0")) {
      reader.next((int) lab.head());
      long start = System.nanoTime();
      lab.spawn();
      api.delete(lab.at("")).is(204);
      Event event = reader.next();
      while (event != null && event.name().equals("message")) {
        event = reader.next();
      }
      assertThat(Objects.requireNonNull(event).name()).isEqualTo("end");
      assertThat(reader.next()).isNull();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void head_answersWithoutFollowing() {
    TestLab lab = api.open();
    assertThatCode(() -> api.send("HEAD", lab.at("/events"), new byte[0]).is(200))
        .doesNotThrowAnyException();
  }

  @Test
  void unmetAccept_isToldAtOnce() {
    api.get(api.open().at("/events"), "Accept", "application/json").problem("not-acceptable");
  }
}
