package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.recording.BadRecordingException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is a command can be kept: a new one is in this test by being permitted. */
class RecordCodecTest {
  private static final Random RANDOM = new Random(7);

  static Stream<Class<?>> commands() {
    return RecordCodec.records(Command.class);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommand_comesBackAsItWas(Class<?> type) throws ReflectiveOperationException {
    for (int round = 0; round < 20; round++) {
      Command command = (Command) Objects.requireNonNull(sample(type));
      byte[] entry = new Logged.Asked(command).encode();
      Logged back = Logged.decode(entry);
      assertThat(back.encode()).as(command.toString()).isEqualTo(entry);
      Command read = ((Logged.Asked) back).command();
      assertThat(read).usingRecursiveComparison().isEqualTo(command);
    }
  }

  /** A value of any type that a command may hold. */
  private static @Nullable Object sample(Type type) throws ReflectiveOperationException {
    if (type instanceof ParameterizedType list) {
      Object first = sample(list.getActualTypeArguments()[0]);
      return first == null ? List.of() : List.of(first, first);
    }
    var plain = (Class<?>) type;
    if (plain == int.class || plain == Integer.class) {
      return RANDOM.nextInt();
    } else if (plain == long.class || plain == Long.class) {
      return plain == Long.class && RANDOM.nextBoolean() ? null : (Long) RANDOM.nextLong();
    } else if (plain == boolean.class || plain == Boolean.class) {
      return RANDOM.nextBoolean();
    } else if (plain == String.class) {
      return "données " + RANDOM.nextInt();
    } else if (plain == byte[].class) {
      byte[] bytes = new byte[RANDOM.nextInt(100)];
      RANDOM.nextBytes(bytes);
      return bytes;
    } else if (plain.isEnum()) {
      Object[] constants = plain.getEnumConstants();
      return constants[RANDOM.nextInt(constants.length)];
    } else if (plain.isSealed()) {
      List<Class<?>> records = RecordCodec.records(plain).toList();
      return sample(records.get(RANDOM.nextInt(records.size())));
    }
    RecordComponent[] components = plain.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = sample(components[i].getGenericType());
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    var constructor = plain.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return constructor.newInstance(values);
  }

  @Test
  void settings_comeBackAsTheyWere() {
    Settings settings = Settings.of("a name", PrivateFileStrategy.EAGER);
    byte[] bytes = RecordCodec.encode(Settings.class, settings);
    assertThat(RecordCodec.decode(Settings.class, bytes)).isEqualTo(settings);
  }

  @Test
  void otherBytes_areRefusedWithWords() {
    byte[] good = new Logged.Asked(new Command.Open(1, "/f", 2, 3)).encode();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> Logged.decode(cut)).isInstanceOf(BadRecordingException.class);
    }
    for (int round = 0; round < 2_000; round++) {
      byte[] junk = good.clone();
      junk[RANDOM.nextInt(junk.length)] = (byte) RANDOM.nextInt();
      try {
        Logged.decode(junk);
      } catch (BadRecordingException | ArithmeticException refused) {
        assertThat(refused).isInstanceOf(BadRecordingException.class);
      }
    }
  }
}
