package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.log.Cursor;
import dev.faultline.log.FoldedState;
import dev.faultline.log.SequenceGoneException;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The log, live, as server-sent events: one a record, its id the sequence number. The request's own
 * virtual thread pulls from the log and writes; a slow client slows only itself.
 */
@RestController
@RequestMapping("/api/v1/labs/{lab}")
@Tag(name = "Streams")
class EventsController {
  /** A comment is sent after so much silence, so that a client that left is noticed. */
  private static final long HEARTBEAT_MILLIS = 15_000;

  private static final int BATCH_CHARACTERS = 16 << 10;

  /** How much a client that is behind may still get of a laboratory that has ended. */
  private static final int LAST_BATCHES = 64;

  private final Laboratories laboratories;
  private final JsonMapper mapper;

  EventsController(Laboratories laboratories, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.mapper = mapper;
  }

  @GetMapping(value = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(summary = "Changes and story records after a moment, live")
  void events(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String after,
      @RequestHeader(value = "Last-Event-ID", required = false) @Nullable String lastEventId,
      HttpMethod method,
      HttpServletResponse response)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    String from = lastEventId != null ? lastEventId : after;
    Cursor cursor =
        from == null
            ? laboratory.log().cursor(laboratory.log().head())
            : ReadingController.cursor(laboratory, from);
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (method != HttpMethod.HEAD) {
      follow(laboratory, cursor, response.getOutputStream());
    }
  }

  /** The stream's own address is for WebSocket; another handler takes a request that upgrades. */
  @GetMapping(value = "/stream", headers = "!Upgrade")
  @Hidden
  void stream() {
    throw new ResponseStatusException(
        HttpStatus.BAD_REQUEST,
        "this address speaks WebSocket, subprotocol faultline.v1 or faultline.v1.json; /events has"
            + " the same as server-sent events");
  }

  private void follow(Laboratory laboratory, Cursor from, OutputStream client) throws IOException {
    // The client learns at once that it is connected.
    send(client, ": head " + laboratory.log().head() + "\n\n");
    Cursor cursor = from;
    int last = LAST_BATCHES;
    try {
      while (true) {
        boolean ended = laboratory.hasEnded();
        String events;
        try {
          events = next(cursor);
        } catch (SequenceGoneException exception) {
          FoldedState state = laboratory.stateAt(laboratory.log().head());
          String snapshot =
              mapper.writeValueAsString(JsonBatches.snapshot(state, cursor.sequence()));
          events = "id: %d\nevent: snapshot\ndata: %s\n\n".formatted(state.sequence(), snapshot);
          cursor = laboratory.log().cursor(state.sequence());
        }
        if (!events.isEmpty() && (!ended || last-- > 0)) {
          send(client, events);
        } else if (ended) {
          send(client, "event: end\ndata: {\"reason\":\"the laboratory has ended\"}\n\n");
          return;
        } else if (!laboratory.log().await(cursor.sequence(), HEARTBEAT_MILLIS)) {
          send(client, ": still here\n\n");
        }
      }
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    }
  }

  /** The events that there are by now, or the first of them. */
  private String next(Cursor cursor) {
    var events = new StringBuilder();
    while (events.length() < BATCH_CHARACTERS && cursor.next()) {
      events
          .append("id: ")
          .append(cursor.sequence())
          .append("\ndata: ")
          .append(mapper.writeValueAsString(RecordJson.of(cursor)))
          .append("\n\n");
    }
    return events.toString();
  }

  private static void send(OutputStream client, String events) throws IOException {
    client.write(events.getBytes(StandardCharsets.UTF_8));
    client.flush();
  }
}
