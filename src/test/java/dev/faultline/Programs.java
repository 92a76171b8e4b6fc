package dev.faultline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Small programs for Linux on riscv64, the bundled ones too; checked in beside their sources. */
public final class Programs {
  private Programs() {}

  /** The bytes of the ELF file. */
  public static byte[] file(String name) {
    return bytes(name + ".elf");
  }

  /** The bytes of a library, which has another ending. */
  public static byte[] bytes(String name) {
    byte[] ofTests = read("/programs/" + name);
    return ofTests != null
        ? ofTests
        : Objects.requireNonNull(read("/static/programs/" + name), name);
  }

  /** Whether there is such a file. */
  public static boolean has(String name) {
    return Programs.class.getResource("/programs/" + name) != null;
  }

  private static byte @Nullable [] read(String resource) {
    try (InputStream in = Programs.class.getResourceAsStream(resource)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
