package dev.faultline.kernel.syscall;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How Linux calls its system calls on riscv64, those that are not modelled too, so that a trace
 * says what a program missed.
 */
final class CallNames {
  private static final Map<Integer, String> NAMES = read();

  private CallNames() {}

  /** The name of a call; a number that Linux has no call for is told as it is. */
  static String of(int number) {
    return NAMES.getOrDefault(number, "syscall_" + number);
  }

  private static Map<Integer, String> read() {
    try (InputStream names =
        Objects.requireNonNull(CallNames.class.getResourceAsStream("names.txt"))) {
      return new String(names.readAllBytes(), US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", 2))
          .collect(Collectors.toUnmodifiableMap(line -> Integer.valueOf(line[0]), line -> line[1]));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
