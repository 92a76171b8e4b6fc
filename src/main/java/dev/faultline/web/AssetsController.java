package dev.faultline.web;

import java.time.Duration;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers with what pages are made of, which browsers keep as long as its address says what it is.
 */
@RestController
final class AssetsController {
  private static final CacheControl FOR_GOOD =
      CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

  private final Assets assets;

  AssetsController(Assets assets) {
    this.assets = assets;
  }

  /** A page of an earlier build, still open or kept somewhere, is given what there is now. */
  @GetMapping(Assets.FOLDER + "{version}/{folder}/{file}")
  ResponseEntity<byte[]> asset(
      @PathVariable String version, @PathVariable String folder, @PathVariable String file) {
    String path = folder + '/' + file;
    Assets.Build last = assets.last();
    byte[] bytes = last.bytes(path);
    if (bytes == null) {
      return ResponseEntity.notFound().build();
    }
    return ResponseEntity.ok()
        .cacheControl(version.equals(last.version()) ? FOR_GOOD : CacheControl.noStore())
        .contentType(Assets.typeOf(path))
        .body(bytes);
  }
}
