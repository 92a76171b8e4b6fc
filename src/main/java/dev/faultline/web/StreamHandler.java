package dev.faultline.web;

import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.LimitException;
import dev.faultline.lab.NoSuchLaboratoryException;
import jakarta.websocket.Session;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.tomcat.websocket.Constants;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.MultiValueMap;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.SubProtocolCapable;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/** The log, live, over WebSocket. The codes with which it closes stand in docs/stream.md. */
@Component
final class StreamHandler extends AbstractWebSocketHandler implements SubProtocolCapable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

  static final String BINARY = "faultline.v1";
  static final String JSON = "faultline.v1.json";

  private static final long SEND_MILLIS = 10_000;
  private static final String FOLLOWER = "follower";

  /** A close frame has no room for more. */
  private static final int LONGEST_REASON = 120;

  static final CloseStatus GONE = new CloseStatus(4404, "there is no such laboratory");
  private static final int BAD = 4400;
  static final int FULL = 4429;

  private final Laboratories laboratories;
  private final Streams streams;
  private final Encoding binary = new BinaryEncoding();
  private final Encoding json;

  StreamHandler(Laboratories laboratories, Streams streams, JsonMapper mapper) {
    this.laboratories = laboratories;
    this.streams = streams;
    json = new JsonEncoding(mapper);
  }

  @Override
  public List<String> getSubProtocols() {
    return List.of(BINARY, JSON);
  }

  @Override
  public void afterConnectionEstablished(WebSocketSession session) throws IOException {
    URI address = Objects.requireNonNull(session.getUri());
    String[] path = address.getPath().split("/");
    boolean isJson = JSON.equals(session.getAcceptedProtocol());
    Laboratory laboratory;
    Subscription subscription;
    Streams.Place place;
    setSendTimeout(session);
    try {
      laboratory = laboratories.get(path[path.length - 2]);
      subscription = subscription(laboratory, address, isJson);
      place = streams.takePlace();
    } catch (NoSuchLaboratoryException exception) {
      session.close(GONE);
      return;
    } catch (BadRequestException exception) {
      session.close(refusal(BAD, exception.member() + ": " + exception.getMessage()));
      return;
    } catch (LimitException exception) {
      session.close(refusal(FULL, exception.getMessage()));
      return;
    }
    Thread follower =
        Thread.ofVirtual()
            .name("stream-" + laboratory.id())
            .unstarted(() -> follow(session, place, laboratory, subscription, isJson));
    session.getAttributes().put(FOLLOWER, follower);
    follower.start();
  }

  /** Who says nothing begins with the last operation, or, reading JSON, with what comes next. */
  private static Subscription subscription(Laboratory laboratory, URI address, boolean isJson) {
    MultiValueMap<String, String> query =
        UriComponentsBuilder.fromUri(address).build().getQueryParams();
    String after = query.getFirst("after");
    return Subscription.of(
        laboratory.log(),
        after == null && isJson ? Long.toString(laboratory.log().head()) : after,
        query.getFirst("tables"),
        query.getFirst("rate"));
  }

  static CloseStatus refusal(int code, @Nullable String message) {
    String reason = message == null ? "" : message;
    byte[] ascii = reason.getBytes(StandardCharsets.US_ASCII);
    int length = Math.min(ascii.length, LONGEST_REASON);
    return new CloseStatus(code, new String(ascii, 0, length, StandardCharsets.US_ASCII));
  }

  private void follow(
      WebSocketSession session,
      Streams.Place place,
      Laboratory laboratory,
      Subscription subscription,
      boolean isJson) {
    CloseStatus status = CloseStatus.SERVER_ERROR;
    try (place) {
      Encoding encoding = isJson ? json : binary;
      var viewer = new SocketViewer(session, isJson);
      streams.follow(laboratory, subscription, encoding, viewer);
      status = viewer.status;
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
    } catch (IOException | IllegalStateException exception) {
      LOG.debug("a viewer has gone", exception);
    } catch (RuntimeException exception) {
      LOG.error("a stream failed by a defect", exception);
    } finally {
      close(session, status);
    }
  }

  private static void close(WebSocketSession session, CloseStatus status) {
    try {
      session.close(status);
    } catch (IOException | IllegalStateException exception) {
      LOG.debug("a viewer has gone before it was told so", exception);
    }
  }

  private static final class SocketViewer implements Follower.Viewer {
    private final WebSocketSession session;
    private final boolean isText;
    CloseStatus status = CloseStatus.NORMAL;

    SocketViewer(WebSocketSession session, boolean isText) {
      this.session = session;
      this.isText = isText;
    }

    @Override
    public boolean isOpen() {
      return session.isOpen();
    }

    @Override
    public void send(byte[] message) throws IOException {
      session.sendMessage(isText ? new TextMessage(message) : new BinaryMessage(message));
    }

    @Override
    public void beat() throws IOException {
      session.sendMessage(new PingMessage());
    }

    @Override
    public void leave(byte[] message, Farewell farewell) throws IOException {
      status = farewell.closeStatus();
      send(message);
    }
  }

  /** A viewer that takes nothing for so long is let go. */
  static void setSendTimeout(WebSocketSession session) {
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
}
