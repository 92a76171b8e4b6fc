package dev.faultline.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;

/**
 * A body sent to the API is never a form, whatever its type says: {@code curl -d} calls everything
 * {@code application/x-www-form-urlencoded}, and a servlet container would then eat the body in
 * search of parameters. Parameters come from the address alone.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
final class RawBodyFilter extends OncePerRequestFilter {
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getRequestURI().startsWith("/api/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(new RawBody(request), response);
  }

  private static final class RawBody extends HttpServletRequestWrapper {
    private final Map<String, String[]> parameters = new LinkedHashMap<>();

    RawBody(HttpServletRequest request) {
      super(request);
      UriComponentsBuilder.newInstance()
          .query(request.getQueryString())
          .build()
          .getQueryParams()
          .forEach((name, values) ->
              parameters.put(
                  decode(name), values.stream().map(RawBody::decode).toArray(String[]::new)));
    }

    private static String decode(@Nullable String text) {
      if (text == null) {
        return "";
      }
      try {
        return UriUtils.decode(text.replace('+', ' '), java.nio.charset.StandardCharsets.UTF_8);
      } catch (IllegalArgumentException exception) {
        return text; // it will be refused where it is read
      }
    }

    @Override
    public @Nullable String getParameter(String name) {
      String[] values = parameters.get(name);
      return values == null ? null : values[0];
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
      return parameters.get(name);
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(parameters.keySet());
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      return Collections.unmodifiableMap(parameters);
    }

    @Override
    public @Nullable String getContentType() {
      return super.getContentType() == null ? null : MediaType.APPLICATION_OCTET_STREAM_VALUE;
    }

    @Override
    public @Nullable String getHeader(String name) {
      return name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)
          ? getContentType()
          : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      String type = getContentType();
      return name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE) && type != null
          ? Collections.enumeration(List.of(type))
          : super.getHeaders(name);
    }
  }
}
