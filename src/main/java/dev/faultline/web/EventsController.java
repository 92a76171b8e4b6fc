package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.log.Cursor;
import dev.faultline.log.SequenceGoneException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/** The log, live, as server-sent events: one a record, its id the sequence number. */
@RestController
@RequestMapping("/api/v1/labs/{lab}")
@Tag(name = "Streams")
class EventsController {
  /** A comment is sent after so much silence, so that a client that left is noticed. */
  private static final long HEARTBEAT_MILLIS = 15_000;

  private final Laboratories laboratories;
  private final JsonMapper mapper;

  EventsController(Laboratories laboratories, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.mapper = mapper;
  }

  @GetMapping(value = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(summary = "Changes and story records after a moment, live")
  SseEmitter events(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String after,
      @RequestHeader(value = "Last-Event-ID", required = false) @Nullable String lastEventId) {
    Laboratory laboratory = laboratories.get(lab);
    String from = lastEventId != null ? lastEventId : after;
    Cursor cursor =
        from == null
            ? laboratory.log().cursor(laboratory.log().head())
            : ReadingController.cursor(laboratory, from);
    var emitter = new SseEmitter(0L);
    Thread.ofVirtual().name("events-" + lab).start(() -> follow(laboratory, cursor, emitter));
    return emitter;
  }

  private void follow(Laboratory laboratory, Cursor cursor, SseEmitter emitter) {
    try {
      // The client learns at once that it is connected.
      emitter.send(SseEmitter.event().comment("head " + laboratory.log().head()));
      while (!laboratory.hasEnded()) {
        boolean sent = false;
        while (cursor.next()) {
          sent = true;
          Map<String, Object> record = RecordJson.of(cursor);
          if (record != null) {
            emitter.send(
                SseEmitter.event()
                    .id(Long.toString(cursor.sequence()))
                    .data(mapper.writeValueAsString(record)));
          }
        }
        long before = cursor.sequence();
        laboratory.log().await(before, HEARTBEAT_MILLIS);
        if (!sent && laboratory.log().head() == before && !laboratory.hasEnded()) {
          emitter.send(SseEmitter.event().comment("still here"));
        }
      }
      emitter.send(
          SseEmitter.event().name("end").data("{\"reason\":\"the laboratory has ended\"}"));
      emitter.complete();
    } catch (SequenceGoneException exception) {
      emitter.completeWithError(exception);
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
      emitter.complete();
    } catch (IOException | IllegalStateException exception) {
      // The client has gone; nothing more can be told to it.
    }
  }
}
