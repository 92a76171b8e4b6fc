package dev.faultline.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What {@code scripts/record-on-linux} recorded on a real riscv64 Linux. */
final class RealLinux {
  private RealLinux() {}

  static String recorded(String name) {
    String resource = "/linux/" + name;
    try (InputStream in = RealLinux.class.getResourceAsStream(resource)) {
      byte[] bytes = Objects.requireNonNull(in, resource).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  static List<String> lines(String name) {
    return recorded(name).lines().toList();
  }
}
