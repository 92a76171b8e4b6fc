package dev.faultline.web;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * One page of a list. Its cursor names the place of the last element by what the list is sorted by,
 * so that the next page begins at the right place even when that element is gone by then.
 */
final class Slice {
  private static final int MOST = 10_000;

  private Slice() {}

  /**
   * @param sorted by {@code place}, in the order of strings
   */
  static <T> ResponseEntity<List<Object>> of(
      Collection<T> sorted,
      Function<T, String> place,
      Function<T, ?> shown,
      @Nullable String limit,
      @Nullable String cursor,
      HttpServletRequest request) {
    long most = limit == null ? MOST : Numbers.parameter("limit", limit);
    if (most < 1 || most > MOST) {
      throw BadRequestException.parameter("limit", "limit must lie between 1 and " + MOST);
    }
    String after = cursor == null ? null : decode(cursor);
    List<Object> page = new ArrayList<>();
    String last = "";
    Iterator<T> rest = sorted.iterator();
    while (rest.hasNext()) {
      T next = rest.next();
      String at = place.apply(next);
      if (after != null && at.compareTo(after) <= 0) {
        continue;
      }
      if (page.size() == most) {
        return ResponseEntity.ok()
            .header(HttpHeaders.LINK, next(request, "cursor", encode(last)))
            .body(page);
      }
      page.add(shown.apply(next));
      last = at;
    }
    return ResponseEntity.ok(page);
  }

  /** The header that names the next page: this address with one parameter changed (RFC 8288). */
  static String next(HttpServletRequest request, String parameter, String value) {
    String address =
        UriComponentsBuilder.fromPath(request.getRequestURI())
            .query(request.getQueryString())
            .replaceQueryParam(parameter, value)
            .build(true)
            .toUriString();
    return "<" + address + ">; rel=\"next\"";
  }

  private static String encode(String place) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(place.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String cursor) {
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException exception) {
      throw BadRequestException.parameter("cursor", "cursor is none that a Link header gave");
    }
  }
}
