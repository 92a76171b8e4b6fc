package dev.faultline.web;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the members of one JSON object, and says exactly which of them cannot be taken and why.
 * Numbers are taken as numbers, decimal strings or {@code 0x} strings.
 */
final class Members implements Body {
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

  private final JsonNode object;
  private final String prefix;
  private final Set<String> known = new HashSet<>();

  /**
   * @param prefix what stands before each member's name in a problem, such as {@code "[3]."}
   */
  Members(JsonNode object, String prefix) {
    this.object = object;
    this.prefix = prefix;
    if (!object.isObject()) {
      throw BadRequestException.member(
          prefix.isEmpty() ? "(body)" : prefix.substring(0, prefix.length() - 1),
          "a JSON object is wanted here, not " + kind(object));
    }
  }

  BadRequestException bad(String member, String message) {
    return BadRequestException.member(prefix + member, prefix + member + " " + message);
  }

  TooLargeException tooLarge(String member, String limit, long value, String what) {
    return new TooLargeException(prefix + member, limit, value, what);
  }

  private @Nullable JsonNode find(String member) {
    known.add(member);
    JsonNode value = object.get(member);
    return value == null || value.isNull() ? null : value;
  }

  private JsonNode need(String member) {
    JsonNode value = find(member);
    if (value == null) {
      throw bad(member, "is missing");
    }
    return value;
  }

  String text(String member) {
    JsonNode value = need(member);
    if (!value.isString()) {
      throw bad(member, "must be a string, not " + kind(value));
    }
    String text = value.stringValue();
    if (!isPlain(text)) {
      throw bad(member, "must be Unicode text without a zero character");
    }
    return text;
  }

  String text(String member, String otherwise) {
    return find(member) == null ? otherwise : text(member);
  }

  /** Half a surrogate pair is no character, and a zero ends a string in the machine. */
  private static boolean isPlain(String text) {
    return text.indexOf(0) < 0
        && text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
  }

  Optional<Members> object(String member) {
    JsonNode value = find(member);
    if (value != null && !value.isObject()) {
      throw bad(member, "must be an object, not " + kind(value));
    }
    return Optional.ofNullable(value).map(there -> new Members(there, prefix + member + "."));
  }

  /** A list of objects, empty when there is none. */
  List<Members> objects(String member) {
    JsonNode value = find(member);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw bad(member, "must be a list of objects, not " + kind(value));
    }
    List<Members> objects = new ArrayList<>();
    for (JsonNode object : value) {
      objects.add(new Members(object, prefix + member + "[" + objects.size() + "]."));
    }
    return objects;
  }

  /** A number of 64 bits, signed or not. */
  long number(String member) {
    JsonNode value = need(member);
    try {
      BigInteger number =
          value.isString() ? Numbers.parse(value.stringValue()) : exact(member, value);
      if (number.bitLength() > 64 || number.signum() < 0 && number.bitLength() > 63) {
        throw bad(member, "does not fit in 64 bits");
      }
      return number.mod(TWO_TO_64).longValue();
    } catch (NumberFormatException exception) {
      throw bad(member, "is not a number (write 4096, \"4096\" or \"0x1000\")");
    }
  }

  private BigInteger exact(String member, JsonNode value) {
    if (!value.isIntegralNumber()) {
      throw bad(member, "must be a whole number or a string with one, not " + kind(value));
    }
    return value.bigIntegerValue();
  }

  long number(String member, long otherwise) {
    return find(member) == null ? otherwise : number(member);
  }

  int number(String member, int least, int most) {
    long value = number(member);
    if (value < least || value > most) {
      throw bad(member, "must lie between " + least + " and " + most);
    }
    return (int) value;
  }

  int number(String member, int least, int most, int otherwise) {
    return find(member) == null ? otherwise : number(member, least, most);
  }

  /** A list of names; a string with names in it, divided by {@code |} or commas, is taken too. */
  List<String> names(String member) {
    JsonNode value = find(member);
    if (value == null) {
      return List.of();
    }
    if (value.isString()) {
      return List.of(value.stringValue().split("[|,\\s]+")).stream()
          .filter(name -> !name.isEmpty())
          .toList();
    }
    if (!value.isArray()) {
      throw bad(member, "must be a list of names, not " + kind(value));
    }
    return value
        .valueStream()
        .map(name -> {
          if (!name.isString()) {
            throw bad(member, "must be a list of names; one of them is " + kind(name));
          }
          return name.stringValue();
        })
        .toList();
  }

  /** A list of strings, each as it is; none when it is left out. */
  List<String> texts(String member) {
    JsonNode value = find(member);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw bad(member, "must be a list of strings, not " + kind(value));
    }
    return value
        .valueStream()
        .map(text -> {
          if (!text.isString() || !isPlain(text.stringValue())) {
            throw bad(member, "must be a list of strings without a zero character");
          }
          return text.stringValue();
        })
        .toList();
  }

  boolean flag(String member, boolean otherwise) {
    JsonNode value = find(member);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw bad(member, "must be true or false, not " + kind(value));
    }
    return value.booleanValue();
  }

  /** Whether a member is this very string. */
  boolean isText(String member, String text) {
    JsonNode value = find(member);
    return value != null && value.isString() && value.stringValue().equals(text);
  }

  boolean has(String member) {
    return find(member) != null;
  }

  @Override
  public <T> T get(Member<T> member) {
    return member.reader().read(this);
  }

  @Override
  public boolean has(Member<?> member) {
    return has(member.name());
  }

  @Override
  public BadRequestException bad(Member<?> member, String message) {
    return bad(member.name(), message);
  }

  /** Refuses members that nobody asked for: they are most likely misspelt. */
  void refuseOthers() {
    for (String member : object.propertyNames()) {
      if (!known.contains(member)) {
        throw bad(
            member,
            "is not known here; known are " + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NUMBER -> "the number " + value;
      case BOOLEAN -> value.toString();
      case NULL -> "null";
      default -> "this";
    };
  }
}
