package dev.faultline.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.json.JsonMapper;

/** Problem details as members, for where no controller writes them. */
final class ProblemJson {
  private ProblemJson() {}

  static Map<String, @Nullable Object> of(ProblemDetail problem) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("type", String.valueOf(problem.getType()));
    json.put("title", problem.getTitle());
    json.put("status", problem.getStatus());
    json.put("detail", problem.getDetail());
    if (problem.getProperties() != null) {
      json.putAll(problem.getProperties());
    }
    return json;
  }

  /** Answers with a problem from outside of any controller. */
  static void write(
      HttpServletResponse response, Rule rule, @Nullable String message, JsonMapper mapper)
      throws IOException {
    write(response, Problems.detail(rule, message), mapper);
  }

  static void write(HttpServletResponse response, ProblemDetail problem, JsonMapper mapper)
      throws IOException {
    response.setStatus(problem.getStatus());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    mapper.writeValue(response.getOutputStream(), of(problem));
  }
}
