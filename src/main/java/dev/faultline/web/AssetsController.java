package dev.faultline.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/**
 * Answers with what pages are made of, which browsers keep as long as its address says what it is.
 */
@Controller
final class AssetsController {
  private static final CacheControl FOR_GOOD =
      CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

  /** Not where it is refused: {@code gzip;q=0}. */
  private static final Pattern GZIP =
      Pattern.compile("\\bgzip\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))");

  private final Assets assets;

  AssetsController(Assets assets) {
    this.assets = assets;
  }

  /** A page of an earlier build, still open or kept somewhere, is given what there is now. */
  @GetMapping(Assets.FOLDER + "{version}/{folder}/{file}")
  void asset(
      @PathVariable String version,
      @PathVariable String folder,
      @PathVariable String file,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Assets.Build last = assets.last();
    Assets.Asset asset = last.file(folder + '/' + file);
    if (asset == null) {
      response.sendError(HttpStatus.NOT_FOUND.value());
      return;
    }
    CacheControl caching = version.equals(last.version()) ? FOR_GOOD : CacheControl.noStore();
    response.setHeader(HttpHeaders.CACHE_CONTROL, caching.getHeaderValue());
    response.setHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
    response.setContentType(asset.type().toString());
    String taken = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
    boolean isCompressed = taken != null && GZIP.matcher(taken).find();
    if (isCompressed) {
      response.setHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
    }
    byte[] bytes = isCompressed ? asset.gzip() : asset.bytes();
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }
}
