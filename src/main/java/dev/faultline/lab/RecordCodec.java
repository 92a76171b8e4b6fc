package dev.faultline.lab;

import dev.faultline.log.RecordEncoder;
import dev.faultline.recording.BadRecordingException;
import dev.faultline.recording.ByteReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes records as bytes, component by component, and reads them back: the one codec of commands
 * and settings. Which record it is, where its type is a sealed interface, is written by name, and
 * so are enum constants, so neither moves when others are added.
 *
 * <p>Components may be {@code int}, {@code long}, {@code boolean}, their boxes, {@code String},
 * {@code byte[]}, enums, records, sealed interfaces of records, and lists of these. Only a
 * component that is annotated so may be null, and no element of a list.
 *
 * <p>A record may grow at its end. What was written before has fewer components, and is read by the
 * constructor that takes just those: it says what the others are. Where there is none, missing
 * numbers are 0 and what may be null is.
 */
final class RecordCodec {
  private static final int DEEPEST = 16;

  private final ByteReader in;
  private int depth;

  private RecordCodec(ByteReader in) {
    this.in = in;
  }

  static byte[] encode(Class<?> type, Object value) {
    var out = new RecordEncoder();
    put(out, type, value);
    return out.toByteArray();
  }

  /**
   * @throws BadRecordingException when the bytes are no such value
   */
  static <T> T decode(Class<T> type, byte[] bytes) {
    var in = new ByteReader(bytes);
    Object value = new RecordCodec(in).get(type);
    if (value == null || in.remaining() > 0) {
      throw new BadRecordingException("what is written is no " + type.getSimpleName());
    }
    return type.cast(value);
  }

  private static void put(RecordEncoder out, Type declared, @Nullable Object value) {
    Class<?> type = raw(declared);
    if (!type.isPrimitive()) {
      out.putByte(value == null ? 0 : 1);
    }
    switch (value) {
      case null -> {}
      case Integer number -> out.putSigned(number);
      case Long number -> out.putSigned(number);
      case Boolean bit -> out.putByte(bit ? 1 : 0);
      case String text -> out.putText(text);
      case byte[] bytes -> out.putNumber(bytes.length).putBytes(bytes);
      case Enum<?> constant -> out.putText(constant.name());
      case List<?> list -> {
        out.putNumber(list.size());
        list.forEach(element -> put(out, elementType(declared), element));
      }
      case Record record -> putRecord(out, type, record);
      default -> throw new IllegalArgumentException("no codec for " + value.getClass());
    }
  }

  private static void putRecord(RecordEncoder out, Class<?> type, Record record) {
    if (type.isInterface()) {
      out.putText(record.getClass().getSimpleName());
    }
    RecordComponent[] components = record.getClass().getRecordComponents();
    out.putNumber(components.length);
    for (RecordComponent component : components) {
      put(out, component.getGenericType(), value(component, record));
    }
  }

  private static @Nullable Object value(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException exception) {
      throw new IllegalStateException(exception);
    }
  }

  private @Nullable Object get(Type declared) {
    Class<?> type = raw(declared);
    if (!type.isPrimitive() && in.count("a presence", 1) == 0) {
      return null;
    }
    if (type == int.class || type == Integer.class) {
      return integer(in.signed());
    } else if (type == long.class || type == Long.class) {
      return in.signed();
    } else if (type == boolean.class || type == Boolean.class) {
      return in.count("a truth", 1) == 1;
    } else if (type == String.class) {
      return in.text();
    } else if (type == byte[].class) {
      return in.bytes(in.count("the length of bytes", in.remaining()));
    } else if (type.isEnum()) {
      return constant(type, in.text());
    } else if (type == List.class) {
      List<Object> list = new ArrayList<>();
      for (int n = in.count("the length of a list", in.remaining()); n > 0; n--) {
        Object element = get(elementType(declared));
        if (element == null) {
          throw new BadRecordingException("an element of a list is missing");
        }
        list.add(element);
      }
      return list;
    }
    return getRecord(type);
  }

  private static int integer(long value) {
    if (value != (int) value) {
      throw new BadRecordingException(value + " is no number of 32 bits");
    }
    return (int) value;
  }

  private Object getRecord(Class<?> type) {
    Class<?> found = type.isInterface() ? permitted(type, in.text()) : type;
    RecordComponent[] components = found.getRecordComponents();
    int written = in.count("the number of components", 255);
    if (written > components.length || ++depth > DEEPEST) {
      throw foreign(found);
    }
    @Nullable Object[] values = new @Nullable Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      if (i < written) {
        values[i] = get(components[i].getGenericType());
        if (values[i] == null && !mayBeNull(components[i])) {
          throw new BadRecordingException(
              "a %s has no %s".formatted(found.getSimpleName(), components[i].getName()));
        }
      }
    }
    depth--;
    Constructor<?> shorter = written == types.length ? null : constructor(found, types, written);
    if (shorter != null) {
      return made(shorter, Arrays.copyOf(values, written));
    }
    for (int i = written; i < components.length; i++) {
      values[i] = absent(found, components[i]);
    }
    return made(Objects.requireNonNull(constructor(found, types, types.length)), values);
  }

  private static Object made(Constructor<?> constructor, @Nullable Object[] values) {
    try {
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException exception) {
      throw new BadRecordingException(
          "no " + constructor.getDeclaringClass().getSimpleName() + " is made of these numbers");
    }
  }

  /** The constructor of the first components, null when there is none. */
  private static @Nullable Constructor<?> constructor(Class<?> type, Class<?>[] types, int count) {
    Class<?>[] first = Arrays.copyOf(types, count);
    return Stream.of(type.getDeclaredConstructors())
        .filter(constructor -> Arrays.equals(constructor.getParameterTypes(), first))
        .findFirst()
        .orElse(null);
  }

  /** What a component is that nobody wrote. */
  private static @Nullable Object absent(Class<?> record, RecordComponent component) {
    Class<?> type = component.getType();
    if (type == int.class) {
      return 0;
    } else if (type == long.class) {
      return 0L;
    } else if (type == boolean.class) {
      return false;
    } else if (mayBeNull(component)) {
      return null;
    }
    throw foreign(record);
  }

  private static boolean mayBeNull(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  private static BadRecordingException foreign(Class<?> record) {
    return new BadRecordingException(
        "a " + record.getSimpleName() + " was written by another version of Faultline");
  }

  private static Object constant(Class<?> type, String name) {
    return Stream.of(type.getEnumConstants())
        .filter(constant -> ((Enum<?>) constant).name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(type, name));
  }

  /** The record of this name among all that a sealed interface permits. */
  private static Class<?> permitted(Class<?> type, String name) {
    return records(type)
        .filter(record -> record.getSimpleName().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(type, name));
  }

  private static BadRecordingException unknown(Class<?> type, String name) {
    return new BadRecordingException(
        "this version of Faultline knows no " + type.getSimpleName() + " called " + name);
  }

  /** Every record that a sealed interface permits, through other sealed interfaces too. */
  static Stream<Class<?>> records(Class<?> type) {
    if (type.isRecord()) {
      return Stream.of(type);
    }
    Class<?>[] permitted = type.getPermittedSubclasses();
    return permitted == null
        ? Stream.of()
        : Stream.of(permitted).flatMap(RecordCodec::records).distinct();
  }

  private static Class<?> raw(Type type) {
    return type instanceof ParameterizedType parameterized
        ? raw(parameterized.getRawType())
        : (Class<?>) type;
  }

  private static Type elementType(Type list) {
    return ((ParameterizedType) list).getActualTypeArguments()[0];
  }

  /** A record's components by name, as plain values for people. */
  static Map<String, Object> describe(Record record) {
    Map<String, Object> described = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(component, record);
      switch (value) {
        case Record inner -> described.putAll(describe(inner));
        case Enum<?> constant ->
            described.put(component.getName(), constant.name().toLowerCase(Locale.ROOT));
        case null -> {}
        default -> described.put(component.getName(), value);
      }
    }
    return described;
  }
}
