package dev.faultline.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request that acts and names an {@code Idempotency-Key} acts once: whoever repeats it, because
 * the answer was lost, is given the first answer again. Answers are kept in memory, the last of
 * them, and end with the server; what is refused before anything is done may be tried again.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 4)
final class IdempotencyKeys extends OncePerRequestFilter {
  private static final String KEY = "Idempotency-Key";
  private static final String REPLAYED = "Idempotency-Replayed";
  private static final int LONGEST_KEY = 255;
  private static final int MOST_ANSWERS = 10_000;
  private static final long MOST_BYTES = 64L << 20;

  /** Refused before anything was done, or by a defect: the next try may fare better. */
  private static final Set<Integer> FORGOTTEN = Set.of(401, 403, 412, 429, 500, 507);

  /**
   * What became of a key.
   *
   * @param request a hash of what was asked with it
   * @param body null while the first request is not answered yet
   */
  private record Answer(
      String request, int status, Map<String, String> headers, byte @Nullable [] body) {
    long bytes() {
      return body == null ? 0 : body.length;
    }
  }

  private final Bodies bodies;
  private final JsonMapper mapper;
  private final Map<String, Answer> answers = new LinkedHashMap<>();
  private long bytes;

  IdempotencyKeys(Bodies bodies, JsonMapper mapper) {
    this.bodies = bodies;
    this.mapper = mapper;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getHeader(KEY) == null
        || AccessInterceptor.SAFE_METHODS.contains(request.getMethod())
        || !request.getRequestURI().startsWith("/api/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String key = request.getHeader(KEY);
    if (key.isBlank() || key.length() > LONGEST_KEY) {
      String message = "Idempotency-Key has 1 to " + LONGEST_KEY + " characters";
      ProblemJson.write(response, Rule.BAD_KEY, message, mapper);
      return;
    }
    byte[] body;
    try {
      body = bodies.bytes(request.getInputStream());
    } catch (TooLargeException exception) {
      ProblemJson.write(response, Rule.TOO_LARGE, exception.getMessage(), mapper);
      return;
    }
    // Whoever else uses the same key must not be given this one's answer.
    String scope =
        request.getHeader(HttpHeaders.AUTHORIZATION)
            + " "
            + request.getHeader(HttpHeaders.COOKIE)
            + " "
            + key;
    String asked = hash(request, body);
    Answer former = begin(scope, asked);
    if (former == null) {
      answer(scope, asked, new Again(request, body), response, chain);
    } else if (!former.request().equals(asked)) {
      String message = "the key was used with another request";
      ProblemJson.write(response, Rule.KEY_REUSED, message, mapper);
    } else if (former.body() == null) {
      String message = "the first request with this key is not answered yet";
      ProblemJson.write(response, Rule.KEY_IN_USE, message, mapper);
    } else {
      response.setStatus(former.status());
      former.headers().forEach(response::setHeader);
      response.setHeader(REPLAYED, "true");
      response.getOutputStream().write(former.body());
    }
  }

  private void answer(
      String scope,
      String asked,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws IOException, ServletException {
    var copied = new ContentCachingResponseWrapper(response);
    boolean isKept = false;
    try {
      chain.doFilter(request, copied);
      isKept = !FORGOTTEN.contains(copied.getStatus());
    } finally {
      Map<String, String> headers = new LinkedHashMap<>();
      for (String name :
          new String[] {HttpHeaders.CONTENT_TYPE, HttpHeaders.LOCATION, HttpHeaders.ETAG}) {
        String value = copied.getHeader(name);
        if (value != null) {
          headers.put(name, value);
        }
      }
      byte[] body = copied.getContentAsByteArray();
      end(scope, isKept ? new Answer(asked, copied.getStatus(), headers, body) : null);
      copied.copyBodyToResponse();
    }
  }

  /** What became of the key before; null when it is new, and now taken. */
  private synchronized @Nullable Answer begin(String scope, String asked) {
    return answers.putIfAbsent(scope, new Answer(asked, 0, Map.of(), null));
  }

  private synchronized void end(String scope, @Nullable Answer answer) {
    answers.remove(scope);
    if (answer == null) {
      return;
    }
    answers.put(scope, answer);
    bytes += answer.bytes();
    Iterator<Answer> oldest = answers.values().iterator();
    while ((bytes > MOST_BYTES || answers.size() > MOST_ANSWERS) && oldest.hasNext()) {
      Answer next = oldest.next();
      if (next.body() != null) {
        bytes -= next.bytes();
        oldest.remove();
      }
    }
  }

  private static String hash(HttpServletRequest request, byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String line =
          request.getMethod()
              + " "
              + request.getRequestURI()
              + "?"
              + request.getQueryString()
              + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
      return java.util.HexFormat.of().formatHex(digest.digest(body));
    } catch (NoSuchAlgorithmException exception) {
      throw new IllegalStateException(exception);
    }
  }

  /** The request with its body to be read once more. */
  private static final class Again extends HttpServletRequestWrapper {
    private final byte[] body;

    Again(HttpServletRequest request, byte[] body) {
      super(request);
      this.body = body;
    }

    @Override
    public ServletInputStream getInputStream() {
      var in = new ByteArrayInputStream(body);
      return new ServletInputStream() {
        @Override
        public int read() {
          return in.read();
        }

        @Override
        public int read(byte[] to, int from, int length) {
          return in.read(to, from, length);
        }

        @Override
        public boolean isFinished() {
          return in.available() == 0;
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
          throw new UnsupportedOperationException("bodies are read by blocking");
        }
      };
    }
  }
}
