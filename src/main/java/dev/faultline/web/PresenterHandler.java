package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.NoSuchLaboratoryException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.json.JsonMapper;

/** What is presented, live: a message at once and one whenever the presenter has moved. */
@Component
final class PresenterHandler extends AbstractWebSocketHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PresenterHandler.class);
  private static final String FOLLOWER = "follower";

  private final Laboratories laboratories;
  private final Presentations presentations;
  private final Streams streams;
  private final JsonMapper mapper;

  PresenterHandler(
      Laboratories laboratories, Presentations presentations, Streams streams, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.presentations = presentations;
    this.streams = streams;
    this.mapper = mapper;
  }

  @Override
  public void afterConnectionEstablished(WebSocketSession session) throws IOException {
    URI address = Objects.requireNonNull(session.getUri());
    String[] path = address.getPath().split("/", -1);
    String named = UriComponentsBuilder.fromUri(address).build().getQueryParams().getFirst("by");
    String by = named == null ? "" : UriUtils.decode(named, StandardCharsets.UTF_8);
    Laboratory laboratory;
    Presentation presentation;
    try {
      laboratory = laboratories.get(path[path.length - 2]);
      presentation = presentations.join(laboratory, by);
    } catch (NoSuchLaboratoryException exception) {
      session.close(StreamHandler.GONE);
      return;
    } catch (LimitException exception) {
      session.close(StreamHandler.refusal(StreamHandler.FULL, exception.getMessage()));
      return;
    }
    StreamHandler.setSendTimeout(session);
    Thread follower =
        Thread.ofVirtual()
            .name("presenter-" + laboratory.id())
            .unstarted(() -> follow(session, laboratory, presentation, by));
    session.getAttributes().put(FOLLOWER, follower);
    follower.start();
  }

  private void follow(
      WebSocketSession session, Laboratory laboratory, Presentation presentation, String by) {
    try (session) {
      Presentation.Shown shown = presentation.now();
      session.sendMessage(message(shown));
      while (session.isOpen() && !laboratory.hasEnded()) {
        Presentation.Shown next = presentation.await(shown.version(), streams.heartbeatMillis());
        session.sendMessage(next.version() == shown.version() ? new PingMessage() : message(next));
        shown = next;
      }
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    } catch (IOException | IllegalStateException exception) {
      LOG.debug("a follower has gone", exception);
    } finally {
      presentations.leave(presentation, by);
    }
  }

  private TextMessage message(Presentation.Shown shown) {
    return new TextMessage(mapper.writeValueAsBytes(shown.json()));
  }

  @Override
  public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
    Map<String, Object> attributes = session.getAttributes();
    if (attributes.get(FOLLOWER) instanceof Thread follower) {
      follower.interrupt();
    }
  }
}
