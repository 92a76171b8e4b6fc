package dev.faultline.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence with places for numbers, as {@code "reads L{level} at {pa:hex}"}. A place without a
 * format is decimal, and may have the words that follow one and any other number, as {@code
 * "{length|byte|bytes}"}. The browser renders the same templates, which the server hands out as its
 * schema.
 */
final class Template {
  private static final Pattern PLACE =
      Pattern.compile("\\{(\\w+)(?::(\\w+)|\\|([^|{}]*)\\|([^|{}]*))?}");

  /** The words are empty, or begin with a space. */
  private record Part(String text, int argument, Format format, String one, String many) {
    String after(long number) {
      return number == 1 ? one : many;
    }
  }

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
      String text = source.substring(from, place.start());
      parts.add(new Part(text, names.indexOf(name), format, words(place, 3), words(place, 4)));
      from = place.end();
    }
    tail = source.substring(from);
  }

  private static String words(Matcher place, int group) {
    return place.group(group) == null ? "" : " " + place.group(group);
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
      long number = record.argument(part.argument);
      text.append(part.text).append(part.format.text(number, strings)).append(part.after(number));
    }
    return text.append(tail).toString();
  }
}
