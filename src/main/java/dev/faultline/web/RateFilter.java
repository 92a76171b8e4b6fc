package dev.faultline.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/** Counts every request of a client before anything is done for it. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
final class RateFilter extends OncePerRequestFilter {
  private final Rates rates;
  private final JsonMapper mapper;

  RateFilter(Rates rates, JsonMapper mapper) {
    this.rates = rates;
    this.mapper = mapper;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      rates.takeOfClient(request.getRemoteAddr());
    } catch (TooFastException exception) {
      response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(exception.seconds()));
      ProblemJson.write(response, Rule.TOO_FAST, exception.getMessage(), mapper);
      return;
    }
    chain.doFilter(request, response);
  }
}
