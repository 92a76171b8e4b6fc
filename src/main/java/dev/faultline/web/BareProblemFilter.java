package dev.faultline.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/** Where something refuses with a status and no word, as the actuator does, the word is added. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
final class BareProblemFilter extends OncePerRequestFilter {
  private static final int FIRST_ERROR = 400;

  private final JsonMapper mapper;

  BareProblemFilter(JsonMapper mapper) {
    this.mapper = mapper;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(request, response);
    int status = response.getStatus();
    if (status >= FIRST_ERROR && !response.isCommitted() && response.getContentType() == null) {
      HttpStatusCode code = HttpStatusCode.valueOf(status);
      ProblemJson.write(response, Problems.ofSpring(code, null), mapper);
    }
  }
}
