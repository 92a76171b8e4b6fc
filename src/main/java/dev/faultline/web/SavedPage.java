package dev.faultline.web;

import dev.faultline.lab.Limits;
import dev.faultline.recording.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
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
  private static final Pattern IMPORT = Pattern.compile("(from|import\\() ?'\\./([\\w-]+\\.js)'");

  /** The parts of a page, as they stand in it. */
  record Parts(String styles, String importMap, String recording) {}

  private final Limits limits;
  private final String styles;
  private final String importMap;

  SavedPage(Limits limits) throws IOException {
    this.limits = limits;
    StringBuilder css = new StringBuilder();
    for (String sheet : new String[] {"base", "lab", "panels"}) {
      css.append(text(found("static/css/" + sheet + ".css").getFirst()));
    }
    styles = css.toString();
    List<String> modules = new ArrayList<>();
    for (Resource module : found("static/js/*.js")) {
      String script = IMPORT.matcher(text(module)).replaceAll("$1 'faultline/$2'");
      modules.add(
          "\"faultline/%s\":\"data:text/javascript;base64,%s\""
              .formatted(module.getFilename(), base64(script.getBytes(StandardCharsets.UTF_8))));
    }
    importMap = "{\"imports\":{" + String.join(",", modules) + "}}";
  }

  /**
   * @throws TooLargeException when the recording is larger than what could be uploaded again
   */
  Parts of(Source recording) throws IOException {
    long size = recording.size();
    if (size > limits.requestBytes()) {
      throw new TooLargeException("recording", "requestBytes", limits.requestBytes(), "bytes");
    }
    return new Parts(styles, importMap, base64(recording.read(0, (int) size)));
  }

  private static List<Resource> found(String pattern) throws IOException {
    List<Resource> resources =
        new ArrayList<>(
            List.of(
                new PathMatchingResourcePatternResolver().getResources("classpath:" + pattern)));
    resources.sort(Comparator.comparing(resource -> String.valueOf(resource.getFilename())));
    return resources;
  }

  private static String text(Resource resource) throws IOException {
    return resource.getContentAsString(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
