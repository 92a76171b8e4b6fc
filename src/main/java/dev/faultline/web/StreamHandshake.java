package dev.faultline.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.server.HandshakeInterceptor;
import tools.jackson.databind.json.JsonMapper;

/**
 * Looks at the request for a stream before it becomes one (RFC 6455, section 4.2.1), so that what
 * is refused is a problem as everywhere else.
 */
@Component
final class StreamHandshake implements HandshakeInterceptor {
  private static final String VERSION = "13";
  private static final int KEY_BYTES = 16;

  private final Access access;
  private final JsonMapper mapper;

  StreamHandshake(Access access, JsonMapper mapper) {
    this.access = access;
    this.mapper = mapper;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HttpServletRequest asked = ((ServletServerHttpRequest) request).getServletRequest();
    String[] path = request.getURI().getPath().split("/", -1);
    ProblemDetail problem = problem(asked, path[path.length - 2]);
    if (problem == null) {
      return true;
    }
    HttpServletResponse answer = ((ServletServerHttpResponse) response).getServletResponse();
    switch (HttpStatus.valueOf(problem.getStatus())) {
      case UPGRADE_REQUIRED ->
          answer.setHeader(WebSocketHttpHeaders.SEC_WEBSOCKET_VERSION, VERSION);
      case UNAUTHORIZED -> answer.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      default -> {}
    }
    ProblemJson.write(answer, problem, mapper);
    return false;
  }

  private @Nullable ProblemDetail problem(HttpServletRequest request, String lab) {
    if (!names(request, HttpHeaders.UPGRADE, "websocket")) {
      return header(HttpHeaders.UPGRADE, "must be websocket");
    }
    if (!names(request, HttpHeaders.CONNECTION, "upgrade")) {
      return header(HttpHeaders.CONNECTION, "must name upgrade");
    }
    if (!VERSION.equals(request.getHeader(WebSocketHttpHeaders.SEC_WEBSOCKET_VERSION))) {
      ProblemDetail problem =
          header(WebSocketHttpHeaders.SEC_WEBSOCKET_VERSION, "must be " + VERSION);
      problem.setStatus(HttpStatus.UPGRADE_REQUIRED);
      return problem;
    }
    if (!isKey(request.getHeader(WebSocketHttpHeaders.SEC_WEBSOCKET_KEY))) {
      return header(WebSocketHttpHeaders.SEC_WEBSOCKET_KEY, "must be 16 bytes in base64");
    }
    try {
      access.check(request, lab, Access.Level.LOOK);
      return null;
    } catch (NoAccessException refused) {
      return Problems.detail(refused.rule(), refused.getMessage());
    }
  }

  private static ProblemDetail header(String name, String message) {
    ProblemDetail problem = Problems.detail(Rule.BAD_HEADER, name + " " + message);
    problem.setProperty("member", name);
    return problem;
  }

  private static boolean names(HttpServletRequest request, String header, String word) {
    List<String> values = Collections.list(request.getHeaders(header));
    return values.stream()
        .flatMap(value -> Stream.of(value.split(",", -1)))
        .anyMatch(value -> value.strip().toLowerCase(Locale.ROOT).equals(word));
  }

  private static boolean isKey(@Nullable String key) {
    try {
      return key != null && Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
    } catch (IllegalArgumentException exception) {
      return false;
    }
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}
}
