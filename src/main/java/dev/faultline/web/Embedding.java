package dev.faultline.web;

import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/**
 * Pages inside the pages of others: {@code ?embed=1}, with the panels that {@code panels} names.
 *
 * <p>Such a page has nothing to act with, so that nobody can be led to press what lies in a frame.
 * Only pages of this server may frame it, unless the operator names others.
 */
@Component
final class Embedding {
  private static final Pattern ORIGIN =
      Pattern.compile("'self'|'none'|https?://[A-Za-z0-9.*-]+(:\\d+)?");
  private static final List<String> PANELS =
      List.of("processes", "translation", "frames", "files", "story", "tabs", "timeline");
  private static final List<String> USUAL = List.of("translation", "story", "timeline");

  private final String ancestors;

  Embedding(@Value("${faultline.embed:'self'}") List<String> origins) {
    for (String origin : origins) {
      if (!ORIGIN.matcher(origin).matches()) {
        throw new IllegalArgumentException(
            "faultline.embed must list origins such as https://school.example, not " + origin);
      }
    }
    ancestors = "frame-ancestors " + String.join(" ", origins);
  }

  /** The classes that a page in a frame has, and the leave to be framed that its answer gives. */
  void open(ModelAndView page, @Nullable String panels, HttpServletResponse response) {
    List<String> shown = panels == null ? USUAL : List.of(panels.split(","));
    StringBuilder classes = new StringBuilder("embedded");
    for (String panel : shown) {
      if (!PANELS.contains(panel)) {
        throw BadRequestException.parameter(
            "panels", "panels must be some of " + String.join(",", PANELS) + ", not " + panel);
      }
      classes.append(" shows-").append(panel);
    }
    page.addObject("embedded", classes.toString());
    String policy = response.getHeader("Content-Security-Policy");
    if (policy != null) {
      // the newer of the two headers for this, before which X-Frame-Options gives way
      response.setHeader(
          "Content-Security-Policy", policy.replace("frame-ancestors 'none'", ancestors));
    }
  }
}
