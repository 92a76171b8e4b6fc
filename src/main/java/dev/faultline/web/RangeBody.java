package dev.faultline.web;

import dev.faultline.recording.Source;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * Answers with bytes, all or one range of them (RFC 9110, section 14). A range is taken only as
 * long as {@code If-Range} still names what there is: a live laboratory's recording grows.
 */
final class RangeBody {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
  private static final int PIECE = 1 << 16;

  private RangeBody() {}

  static void write(
      Source source, String version, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    long size = source.size();
    String tag = '"' + version + '"';
    response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
    response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
    response.setHeader(HttpHeaders.ETAG, tag);
    String known = request.getHeader(HttpHeaders.IF_NONE_MATCH);
    if (known != null && Expectation.names(known, tag)) {
      response.setStatus(HttpStatus.NOT_MODIFIED.value());
      return;
    }
    String condition = request.getHeader(HttpHeaders.IF_RANGE);
    Matcher range = condition == null || condition.equals(tag) ? range(request) : null;
    if (range == null) {
      send(source, 0, size, request, response);
      return;
    }
    boolean isSuffix = range.group(1).isEmpty();
    long first =
        isSuffix ? Math.max(0, size - number(range.group(2), 0)) : number(range.group(1), 0);
    long last = isSuffix ? size - 1 : Math.min(size - 1, number(range.group(2), size - 1));
    if (first > last) {
      response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + size);
      throw BadRequestException.range(size);
    }
    response.setStatus(HttpStatus.PARTIAL_CONTENT.value());
    response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes %d-%d/%d".formatted(first, last, size));
    send(source, first, last + 1, request, response);
  }

  /** The one range that is asked for; several, or what is none, are answered with everything. */
  private static @Nullable Matcher range(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.RANGE);
    Matcher range = header == null ? null : RANGE.matcher(header.strip());
    return range != null && range.matches() && !header.strip().equals("bytes=-") ? range : null;
  }

  private static long number(String digits, long otherwise) {
    return digits.isEmpty() ? otherwise : Long.parseLong(digits);
  }

  private static void send(
      Source source, long from, long end, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentLengthLong(end - from);
    if (request.getMethod().equals("HEAD")) {
      return;
    }
    OutputStream out = response.getOutputStream();
    for (long at = from; at < end; at += PIECE) {
      out.write(source.read(at, (int) Math.min(PIECE, end - at)));
    }
  }

  /** The name under which a browser saves the answer. */
  static void name(HttpServletResponse response, String name) {
    response.setHeader(
        HttpHeaders.CONTENT_DISPOSITION,
        ContentDisposition.attachment().filename(name).build().toString());
  }

  static long size(Source source) {
    try {
      return source.size();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
