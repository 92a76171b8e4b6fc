package dev.faultline.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.ModelAndView;

/** The page that explains a rule, and what went wrong with it just now. */
final class ProblemPage {
  private ProblemPage() {}

  static ModelAndView of(Rule rule, int status, @Nullable String detail) {
    var page =
        new ModelAndView("problem")
            .addObject("rule", rule.label())
            .addObject("title", rule.title())
            .addObject("meaning", rule.explanation())
            .addObject("status", status)
            .addObject("detail", detail);
    page.setStatus(HttpStatusCode.valueOf(status));
    return page;
  }

  /** Whether a browser asks, for a page: the API itself always answers with problem details. */
  static boolean isWanted(HttpServletRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    if (accept == null || request.getRequestURI().startsWith("/api/")) {
      return false;
    }
    try {
      List<MediaType> types = MediaType.parseMediaTypes(accept);
      return types.stream().anyMatch(type -> type.equalsTypeAndSubtype(MediaType.TEXT_HTML));
    } catch (InvalidMediaTypeException exception) {
      return false;
    }
  }
}
