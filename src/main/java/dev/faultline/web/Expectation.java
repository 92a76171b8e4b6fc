package dev.faultline.web;

import dev.faultline.lab.Laboratory;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a request expects a laboratory to be like: {@code If-Match} names the head of its log (RFC
 * 9110, section 13.1.1). An answer's {@code ETag} is that of the laboratory after it.
 */
final class Expectation {
  private static final String WEAK = "W/";

  private Expectation() {}

  static String tag(long head) {
    return "\"" + head + "\"";
  }

  /**
   * Whether a list of tags, as a header holds it, names one. Compression weakens the tags of
   * answers on their way, so that a weak one is as good.
   */
  static boolean names(String header, String tag) {
    List<String> tags = Stream.of(header.split(",")).map(String::strip).toList();
    return tags.contains("*") || tags.contains(tag) || tags.contains(WEAK + tag);
  }

  /**
   * @throws HeadMovedException when the laboratory has gone on
   */
  static void check(@Nullable String ifMatch, Laboratory laboratory) {
    long head = laboratory.log().head();
    if (ifMatch != null && !names(ifMatch, tag(head))) {
      throw new HeadMovedException(head);
    }
  }
}
