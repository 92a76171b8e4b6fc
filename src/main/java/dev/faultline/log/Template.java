package dev.faultline.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence with places for numbers, as {@code "reads L{level} at {pa:hex}"}. A place without a
 * format is decimal. The browser renders the same templates, which the server hands out as its
 * schema.
 */
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{(\\w+)(?::(\\w+))?}");

  private record Part(String text, int argument, Format format) {}

  private final String source;
  private final List<Part> parts = new ArrayList<>();
  private final String tail;

  /** Arguments that {@code source} names first are appended to {@code names}. */
  Template(String source, List<String> names) {
    this(source, names, Format::named);
  }

  /** A template whose formats are those that {@code named} knows. */
  Template(String source, List<String> names, Function<String, Format> named) {
    this.source = source;
    Matcher place = PLACE.matcher(source);
    int from = 0;
    while (place.find()) {
      String name = place.group(1);
      if (!names.contains(name)) {
        names.add(name);
      }
      Format format = place.group(2) == null ? Format.DECIMAL : named.apply(place.group(2));
      parts.add(new Part(source.substring(from, place.start()), names.indexOf(name), format));
      from = place.end();
    }
    tail = source.substring(from);
  }

  String source() {
    return source;
  }

  /** The format of an argument where it first appears. */
  Format formatOf(int argument) {
    return parts.stream()
        .filter(part -> part.argument == argument)
        .map(Part::format)
        .findFirst()
        .orElse(Format.DECIMAL);
  }

  String fill(LogRecord record) {
    Strings strings = record.strings();
    var text = new StringBuilder();
    for (Part part : parts) {
      text.append(part.text).append(part.format.text(record.argument(part.argument), strings));
    }
    return text.append(tail).toString();
  }
}
