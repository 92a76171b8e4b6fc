package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * The log, live, as server-sent events, one a record with its sequence number as id, or as lines of
 * JSON. The request's own virtual thread pulls from the log and writes; a slow client slows only
 * itself.
 */
@RestController
@RequestMapping("/api/v1/labs/{lab}")
@Tag(name = "Streams")
class EventsController {
  private final Laboratories laboratories;
  private final Streams streams;
  private final Form events;
  private final Form lines;

  /**
   * How a client is written to.
   *
   * @param stillHere what breaks a silence and means nothing
   */
  private record Form(MediaType type, Encoding encoding, byte[] stillHere) {}

  EventsController(Laboratories laboratories, Streams streams, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.streams = streams;
    events =
        new Form(
            MediaType.TEXT_EVENT_STREAM,
            new EventEncoding(mapper),
            TextEncoding.bytes(": still here\n\n"));
    lines =
        new Form(MediaType.APPLICATION_NDJSON, new LineEncoding(mapper), TextEncoding.bytes("\n"));
  }

  @GetMapping(
      value = "/events",
      produces = {MediaType.TEXT_EVENT_STREAM_VALUE, MediaType.APPLICATION_NDJSON_VALUE})
  @Operation(summary = "Changes and story records after a moment, live")
  void events(
      @PathVariable String lab,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(required = false) @Nullable String tables,
      @RequestParam(required = false) @Nullable String rate,
      @RequestHeader(value = "Last-Event-ID", required = false) @Nullable String lastEventId,
      @RequestHeader(value = "Accept", required = false) @Nullable String accept,
      HttpMethod method,
      HttpServletResponse response)
      throws IOException {
    Laboratory laboratory = laboratories.get(lab);
    String head = Long.toString(laboratory.log().head());
    String from = lastEventId != null ? lastEventId : Objects.requireNonNullElse(after, head);
    Subscription subscription = Subscription.of(laboratory.log(), from, tables, rate);
    Form form = form(accept);
    try (var _ = streams.takePlace()) {
      response.setContentType(form.type().toString());
      response.setCharacterEncoding(StandardCharsets.UTF_8);
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      if (method == HttpMethod.HEAD) {
        return;
      }
      var viewer = new EventsViewer(response.getOutputStream(), form.stillHere());
      viewer.beat(); // the client learns at once that it is connected
      streams.follow(laboratory, subscription, form.encoding(), viewer);
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    }
  }

  /** Events, unless lines alone are asked for. */
  private Form form(@Nullable String accept) {
    List<MediaType> accepted = MediaType.parseMediaTypes(accept);
    boolean takesEvents =
        accepted.isEmpty() || accepted.stream().anyMatch(events.type()::isCompatibleWith);
    return takesEvents ? events : lines;
  }

  /** The stream's own address is for WebSocket; another handler takes a request that upgrades. */
  @GetMapping(value = "/stream", headers = "!Upgrade")
  @Hidden
  void stream() {
    throw BadRequestException.header(
        HttpHeaders.UPGRADE,
        "this address speaks WebSocket, subprotocol faultline.v1 or faultline.v1.json; /events has"
            + " the same as server-sent events");
  }

  /** A client that has gone is noticed when something is sent to it. */
  private record EventsViewer(OutputStream client, byte[] stillHere) implements Follower.Viewer {
    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void send(byte[] events) throws IOException {
      client.write(events);
      client.flush();
    }

    @Override
    public void beat() throws IOException {
      send(stillHere);
    }

    @Override
    public void leave(byte[] events, Farewell farewell) throws IOException {
      send(events);
    }
  }
}
