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

  /** As it was before it had a last component. */
  private record Shorter(int pid, FileNamed file, int length) {}

  private record Longer(
      int pid, FileNamed file, int length, long offset, boolean quiet, @Nullable String why) {}

  private record FileNamed(String path, @Nullable Long inode) {}

  private record Grown(int pid, FileNamed file, int length, String mode) {
    @SuppressWarnings("unused") // by the codec
    Grown(int pid, FileNamed file, int length) {
      this(pid, file, length, "as ever");
    }
  }

  private record Demanding(int pid, FileNamed file, int length, String mode) {}

  @Test
  void componentsThatCameLater_areAbsentOrAsAConstructorSays() {
    byte[] old = RecordCodec.encode(Shorter.class, new Shorter(7, new FileNamed("/f", null), 4096));
    assertThat(RecordCodec.decode(Longer.class, old))
        .isEqualTo(new Longer(7, new FileNamed("/f", null), 4096, 0, false, null));
    assertThat(RecordCodec.decode(Grown.class, old).mode()).isEqualTo("as ever");
    assertThatThrownBy(() -> RecordCodec.decode(Demanding.class, old))
        .isInstanceOf(BadRecordingException.class)
        .hasMessageContaining("Demanding was written by another version");
    byte[] newer = RecordCodec.encode(Grown.class, new Grown(7, new FileNamed("/f", 1L), 1));
    assertThatThrownBy(() -> RecordCodec.decode(Shorter.class, newer))
        .isInstanceOf(BadRecordingException.class)
        .hasMessageContaining("another version");
  }

  @Test
  void settingsFromBeforeSuperpages_areReadAsTheyWereMeant() {
    Settings settings = Settings.of("old", PrivateFileStrategy.LAZY);
    record Kernel(
        dev.faultline.machine.MachineConfiguration machine,
        PrivateFileStrategy privateFile,
        dev.faultline.kernel.mm.Prefetch prefetch,
        int swapSlots,
        dev.faultline.kernel.mm.ReclaimPolicy reclaim) {}
    record Old(String name, long seed, Kernel kernel) {}
    var now = settings.kernel();
    var then =
        new Kernel(
            now.machine(), now.privateFile(), now.prefetch(), now.swapSlots(), now.reclaim());
    byte[] bytes = RecordCodec.encode(Old.class, new Old("old", 0, then));
    assertThat(RecordCodec.decode(Settings.class, bytes)).isEqualTo(settings);
  }

  private record Nulls(@Nullable Integer pid, @Nullable FileNamed file, @Nullable Integer length) {}

  private record Listed(List<String> names) {}

  @Test
  void nullsWhereThereCanBeNone_areRefusedByName() {
    byte[] noFile = RecordCodec.encode(Nulls.class, new Nulls(null, null, null));
    assertThatThrownBy(() -> RecordCodec.decode(FileNamed.class, new byte[] {1, 2, 0, 0}))
        .isInstanceOf(BadRecordingException.class)
        .hasMessage("a FileNamed has no path");
    assertThat(RecordCodec.decode(Nulls.class, noFile)).isEqualTo(new Nulls(null, null, null));
    assertThatThrownBy(() -> RecordCodec.decode(Listed.class, new byte[] {1, 1, 1, 1, 0}))
        .isInstanceOf(BadRecordingException.class)
        .hasMessageContaining("element");
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
      } catch (BadRecordingException refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
  }
}
