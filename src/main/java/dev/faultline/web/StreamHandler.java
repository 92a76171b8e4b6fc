package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.NoSuchLaboratoryException;
import dev.faultline.log.ChangeLog;
import jakarta.websocket.Session;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.tomcat.websocket.Constants;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.SubProtocolCapable;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/**
 * The log, live, over WebSocket. Each viewer has a virtual thread that pulls from the log with a
 * cursor of its own and sends what there is in one message, so that a slow viewer gets fewer,
 * larger messages and slows nobody.
 */
@Component
final class StreamHandler extends AbstractWebSocketHandler implements SubProtocolCapable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

  static final String BINARY = "faultline.v1";
  static final String JSON = "faultline.v1.json";

  /** Changes that come within one frame of a screen travel together. */
  private static final long GATHER_MILLIS = 16;

  /** A ping is sent after so much silence, so that a viewer that left is noticed. */
  private static final long HEARTBEAT_MILLIS = 15_000;

  private static final long SEND_MILLIS = 10_000;

  /** How much a viewer that is behind may still get of a laboratory that has ended. */
  private static final int LAST_MESSAGES = 64;

  private static final String FOLLOWER = "follower";

  private static final CloseStatus GONE = new CloseStatus(4404, "there is no such laboratory");
  private static final CloseStatus BAD =
      new CloseStatus(4400, "after is no sequence number of the log");

  private final AtomicInteger followers = new AtomicInteger();
  private final Laboratories laboratories;
  private final JsonMapper mapper;

  StreamHandler(Laboratories laboratories, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.mapper = mapper;
  }

  @Override
  public List<String> getSubProtocols() {
    return List.of(BINARY, JSON);
  }

  @Override
  public void afterConnectionEstablished(WebSocketSession session) throws IOException {
    URI address = Objects.requireNonNull(session.getUri());
    String[] path = address.getPath().split("/");
    Laboratory laboratory;
    try {
      laboratory = laboratories.get(path[path.length - 2]);
    } catch (NoSuchLaboratoryException exception) {
      session.close(GONE);
      return;
    }
    String after = UriComponentsBuilder.fromUri(address).build().getQueryParams().getFirst("after");
    Long from = from(laboratory.log(), after);
    if (from == null) {
      session.close(BAD);
      return;
    }
    Batches batches =
        JSON.equals(session.getAcceptedProtocol())
            ? new JsonBatches(laboratory, from, mapper)
            : new BinaryBatches(laboratory, from);
    setSendTimeout(session);
    Thread follower =
        Thread.ofVirtual()
            .name("stream-" + laboratory.id())
            .unstarted(() -> follow(session, laboratory, batches));
    session.getAttributes().put(FOLLOWER, follower);
    follower.start();
  }

  /** The moment to begin after; -1 for the beginning of the last operation, null for nonsense. */
  private static @Nullable Long from(ChangeLog log, @Nullable String after) {
    if (after == null) {
      return -1L;
    }
    try {
      long from = Numbers.parameter("after", after);
      return from >= 0 && from <= log.head() ? from : null;
    } catch (BadRequestException exception) {
      return null;
    }
  }

  private void follow(WebSocketSession session, Laboratory laboratory, Batches batches) {
    followers.incrementAndGet();
    try (session) {
      int last = LAST_MESSAGES;
      while (session.isOpen()) {
        boolean ended = laboratory.hasEnded();
        WebSocketMessage<?> message = batches.next();
        if (message != null && (!ended || last-- > 0)) {
          session.sendMessage(message);
          if (!ended) {
            Thread.sleep(GATHER_MILLIS);
          }
        } else if (ended) {
          session.sendMessage(batches.end("the laboratory has ended"));
          return;
        } else if (!laboratory.log().await(batches.sequence(), HEARTBEAT_MILLIS)) {
          session.sendMessage(new PingMessage());
        }
      }
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    } catch (IOException | IllegalStateException exception) {
      LOG.debug("a viewer has gone", exception);
    } catch (RuntimeException exception) {
      LOG.error("a stream failed by a defect", exception);
    } finally {
      followers.decrementAndGet();
    }
  }

  /** How many viewers are followed. */
  int followers() {
    return followers.get();
  }

  /** A viewer that takes nothing for so long is let go. */
  private static void setSendTimeout(WebSocketSession session) {
    if (session instanceof NativeWebSocketSession wrapper
        && wrapper.getNativeSession() instanceof Session tomcat) {
      tomcat.getUserProperties().put(Constants.BLOCKING_SEND_TIMEOUT_PROPERTY, SEND_MILLIS);
    }
  }

  @Override
  public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
    Map<String, Object> attributes = session.getAttributes();
    if (attributes.get(FOLLOWER) instanceof Thread follower) {
      follower.interrupt();
    }
  }

  /** What a viewer is sent, piece by piece. */
  interface Batches {
    /** The next message, or null when the viewer has everything. */
    @Nullable WebSocketMessage<?> next() throws IOException;

    /** How far the viewer has come. */
    long sequence();

    WebSocketMessage<?> end(String reason);
  }
}
