package dev.faultline.web;

import dev.faultline.lab.Limits;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * What a page has to hold that replays a recording from a file, without a server: the styles, the
 * modules and the recording's bytes.
 *
 * <p>A page that was opened from a file may import no module by a relative address. So each module
 * is a {@code data:} address in an import map, and their imports name each other by that map.
 */
@Component
final class SavedPage {
  /** The parts of a page, as they stand in it. */
  record Parts(String styles, String importMap, String recording) {}

  private final Limits limits;
  private final Assets assets;

  SavedPage(Limits limits, Assets assets) {
    this.limits = limits;
    this.assets = assets;
  }

  /**
   * @throws TooLargeException when the recording is larger than what could be uploaded again
   */
  Parts of(Source recording) throws IOException {
    long size = recording.size();
    if (size > limits.requestBytes()) {
      throw new TooLargeException("recording", "requestBytes", limits.requestBytes(), "bytes");
    }
    Assets.Build now = assets.now();
    return new Parts(styles(now), importMap(now), base64(recording.read(0, (int) size)));
  }

  private static String styles(Assets.Build assets) {
    return Stream.of("base", "lab", "panels")
        .map(sheet -> assets.text("css/" + sheet + ".css"))
        .collect(Collectors.joining());
  }

  private static String importMap(Assets.Build assets) {
    return assets.names().stream()
        .map(name -> {
          String script = assets.module(name, imported -> "faultline/" + imported);
          return "\"faultline/%s\":\"data:text/javascript;base64,%s\""
              .formatted(name, base64(script.getBytes(StandardCharsets.UTF_8)));
        })
        .collect(Collectors.joining(",", "{\"imports\":{", "}}"));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
