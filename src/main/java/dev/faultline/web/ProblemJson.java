package dev.faultline.web;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;

/** Problem details as members, for where no controller writes them. */
final class ProblemJson {
  private ProblemJson() {}

  static Map<String, @Nullable Object> of(ProblemDetail problem) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("type", String.valueOf(problem.getType()));
    json.put("title", problem.getTitle());
    json.put("status", problem.getStatus());
    json.put("detail", problem.getDetail());
    return json;
  }
}
