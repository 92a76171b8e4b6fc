package dev.faultline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Small programs for Linux on riscv64, checked in beside their sources. */
public final class Programs {
  private Programs() {}

  /** The bytes of the ELF file. */
  public static byte[] file(String name) {
    return bytes(name + ".elf");
  }

  /** The bytes of a library, which has another ending. */
  public static byte[] bytes(String name) {
    String resource = "/programs/" + name;
    try (InputStream in = Programs.class.getResourceAsStream(resource)) {
      return Objects.requireNonNull(in, resource).readAllBytes();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
