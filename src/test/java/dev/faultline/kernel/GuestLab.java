package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Debian;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.fs.Console;
import dev.faultline.kernel.process.Process;
import dev.faultline.lab.Command;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A laboratory that programs of Debian run in, each to its end. */
final class GuestLab {
  /** Where Debian's packages have glibc's loader and most libraries. */
  static final String LIBRARIES = "usr/lib/riscv64-linux-gnu/";

  private final TestLab lab;

  GuestLab(TestLab lab) {
    this.lab = lab;
  }

  /** How a program ended and what it wrote. */
  record Ended(int pid, RunEnd end, Outcome outcome, String output, String errors) {}

  TestLab lab() {
    return lab;
  }

  GuestLab put(String path, byte[] bytes) {
    lab.laboratory().execute(new Command.PutFile(path, 0755, bytes));
    return this;
  }

  /** Puts a file of a Debian package. */
  GuestLab put(String path, String packageName, String file) {
    try {
      return put(path, Files.readAllBytes(Debian.file(packageName, file)));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /** Puts a file of a Debian package, or all regular files below a directory of it. */
  GuestLab putAll(String path, String packageName, String file) {
    Path from = Debian.file(packageName, file);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
        String below = from.relativize(each).toString();
        put(below.isEmpty() ? path : path + "/" + below, Files.readAllBytes(each));
      }
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
    return this;
  }

  GuestLab putLibrary(String name, String packageName) {
    return put("/lib/riscv64-linux-gnu/" + name, packageName, LIBRARIES + name);
  }

  /** The loader and libraries that every dynamic program of Debian needs. */
  GuestLab putGlibc() {
    put("/lib/ld-linux-riscv64-lp64d.so.1", "libc6", LIBRARIES + "ld-linux-riscv64-lp64d.so.1");
    return putLibrary("libc.so.6", "libc6").putLibrary("libm.so.6", "libc6");
  }

  GuestLab putMusl() {
    return put("/lib/ld-musl-riscv64.so.1", "musl", "usr/lib/riscv64-linux-musl/libc.so");
  }

  /** A process that has not begun to run. */
  int start(List<String> environment, String... arguments) {
    Command start = new Command.Start(arguments[0], List.of(arguments), environment, null);
    return ((Result.Pid) result(lab.run(start))).pid();
  }

  private static Result result(Outcome outcome) {
    return Objects.requireNonNull(outcome.result(), outcome::story);
  }

  /** Runs it with nothing to read, until it ends. */
  Ended finish(int pid) {
    lab.run(new Command.Input(pid, new byte[0], true));
    Outcome outcome;
    RunEnd end;
    do {
      outcome = lab.run(new Command.Run(pid, 20_000_000_000L, Reason.EXIT, null));
      end = ((Result.Ran) result(outcome)).end();
    } while (end.reason() == Reason.TIME);
    Console console = lab.laboratory().askOfAny(pid, GuestLab::console);
    return new Ended(
        pid,
        end,
        outcome,
        new String(console.output(), StandardCharsets.UTF_8),
        new String(console.errors(), StandardCharsets.UTF_8));
  }

  /** Runs it until it has written something; it lives on. */
  void runUntilItWrites(int pid) {
    while (lab.laboratory().askOfAny(pid, process -> console(process).output()).length == 0) {
      result(lab.run(new Command.Run(pid, 1_000_000, Reason.SYSCALL, null)));
    }
  }

  private static Console console(Process process) {
    return Objects.requireNonNull(process.console());
  }

  /** What a program writes that ends by itself. */
  String output(String... arguments) {
    Ended ended = finish(start(List.of("PATH=/bin"), arguments));
    assertThat(ended.end().reason()).as(ended.errors()).isEqualTo(Reason.EXIT);
    return ended.output();
  }
}
