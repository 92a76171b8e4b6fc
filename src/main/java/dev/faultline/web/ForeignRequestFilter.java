package dev.faultline.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps pages of other sites from acting here through a visitor's browser. A browser says in {@code
 * Origin} which page a request that acts comes from; it must be one of ours. And as long as only
 * this computer is listened to, {@code Host} must name this computer: else a page could bring its
 * own name to point here (DNS rebinding), and its requests would be of the same origin.
 *
 * <p>This is what keeps forms from being forged, and forms need no token of their own: every
 * browser sends {@code Origin} with a request that is not safe, no page can change it, and the
 * cookie with which a page may act is not sent from other sites ({@code SameSite}).
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class ForeignRequestFilter extends OncePerRequestFilter {
  private static final String FETCH_SITE = "Sec-Fetch-Site";
  private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  /** localhost, a name below it, or an address of the loopback interface. */
  private static final Pattern LOOPBACK =
      Pattern.compile("(.+\\.)?localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1]");

  private final boolean loopbackOnly;
  private final List<String> hosts;
  private final List<String> origins;
  private final JsonMapper mapper;

  ForeignRequestFilter(
      ServerProperties server,
      @Value("${faultline.hosts:}") List<String> hosts,
      @Value("${faultline.cors.origins:}") List<String> origins,
      JsonMapper mapper) {
    loopbackOnly = Access.isLoopback(server.getAddress());
    this.hosts = hosts;
    this.origins = origins;
    this.mapper = mapper;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String host = request.getHeader(HttpHeaders.HOST);
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    boolean acts = acts(request);
    if (loopbackOnly && host != null && !isOurs(nameOf(host))) {
      refuse(response, Rule.FOREIGN_HOST, "the header Host is " + host);
    } else if (acts && origin != null && !isSame(origin, host) && !origins.contains(origin)) {
      refuse(response, Rule.FOREIGN_ORIGIN, "the header Origin is " + origin);
    } else if (acts && origin == null && "cross-site".equals(request.getHeader(FETCH_SITE))) {
      refuse(response, Rule.FOREIGN_ORIGIN, "the header Sec-Fetch-Site is cross-site");
    } else {
      chain.doFilter(request, response);
    }
  }

  /** A stream is as good as acting, since no browser keeps it from other sites' pages. */
  private static boolean acts(HttpServletRequest request) {
    return !SAFE_METHODS.contains(request.getMethod())
        || CorsUtils.isPreFlightRequest(request)
        || "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE));
  }

  private boolean isOurs(String name) {
    return LOOPBACK.matcher(name).matches() || hosts.contains(name);
  }

  /** The name or address without the port. */
  private static String nameOf(String host) {
    return host.toLowerCase(Locale.ROOT).replaceFirst(":\\d*$", "");
  }

  /** Whether an origin is the server that the request was sent to; a proxy may have added TLS. */
  private static boolean isSame(String origin, @Nullable String host) {
    try {
      URI uri = URI.create(origin);
      String defaultPort = "https".equals(uri.getScheme()) ? ":443" : ":80";
      return host != null
          && uri.getRawAuthority() != null
          && without(defaultPort, uri.getRawAuthority()).equals(without(defaultPort, host));
    } catch (IllegalArgumentException exception) {
      return false;
    }
  }

  private static String without(String port, String authority) {
    String lower = authority.toLowerCase(Locale.ROOT);
    return lower.endsWith(port) ? lower.substring(0, lower.length() - port.length()) : lower;
  }

  private void refuse(HttpServletResponse response, Rule rule, String message) throws IOException {
    ProblemJson.write(response, rule, message, mapper);
  }
}
