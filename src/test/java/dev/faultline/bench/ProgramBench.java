package dev.faultline.bench;

import dev.faultline.Debian;
import dev.faultline.Programs;
import dev.faultline.kernel.RunEnd;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Command;
import dev.faultline.lab.Laboratories;
import dev.faultline.lab.Laboratory;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Outcome;
import dev.faultline.lab.Result;
import dev.faultline.lab.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What whole programs cost from exec to exit: instructions, system calls, page faults and wall
 * time, of the first run in a JVM and of the quickest of the next ones, each in a laboratory of its
 * own, beside a real Linux under qemu-system-riscv64 in the same minutes: {@code scripts/bench
 * ProgramBench}, after {@code scripts/bring-debian}. Linux is asked for the mean of runs by one
 * shell, each with a fork before it.
 */
final class ProgramBench {
  private static final int ROUNDS = 3;
  private static final int ROUNDS_ON_LINUX = 20;
  private static final long MOST_INSTRUCTIONS = 50_000_000_000L;

  private static final String ROWS =
      "create table t(a integer primary key, b text); with recursive n(i) as (select 1 union all"
          + " select i + 1 from n where i < 10000) insert into t select i, 'row ' || i from n;"
          + " select count(*), sum(a), max(b) from t;";

  private static final Map<String, List<String>> PROGRAMS = programs();

  private ProgramBench() {}

  private static Map<String, List<String>> programs() {
    Map<String, List<String>> programs = new LinkedHashMap<>();
    programs.put("musl, prints a word", List.of("/bin/greeting.elf"));
    programs.put("musl, a second library", List.of("/bin/library.elf"));
    programs.put("glibc, prints a word", List.of("/bin/printf", "hello\n"));
    programs.put(
        "lua, a loop of 10 million",
        List.of("/bin/lua5.4", "-e", "local s = 0 for i = 1, 10000000 do s = s + i end print(s)"));
    programs.put("sqlite, 10,000 rows in memory", List.of("/bin/sqlite3", ":memory:", ROWS));
    programs.put(
        "sqlite, 10,000 rows in a file",
        List.of("/bin/sqlite3", "/tmp/rows.db", "drop table if exists t;" + ROWS));
    return programs;
  }

  /** Every file that the programs need, by its path in a laboratory. */
  private static Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    String list = new String(Programs.bytes("debian/files"), StandardCharsets.UTF_8);
    for (String line : list.lines().toList()) {
      String[] words = line.split(" ");
      files.put("/" + words[2], Files.readAllBytes(Debian.file(words[0], words[1])));
    }
    Path musl = Debian.file("musl", "usr/lib/riscv64-linux-musl/libc.so");
    files.put("/lib/ld-musl-riscv64.so.1", Files.readAllBytes(musl));
    files.put("/lib/libfoo.so", Programs.bytes("libfoo.so"));
    files.put("/bin/library.elf", Programs.file("library"));
    files.put("/bin/greeting.elf", Programs.file("greeting"));
    return files;
  }

  private record Cost(long instructions, long calls, long faults, long nanos) {}

  public static void main(String[] arguments) throws Exception {
    Map<String, byte[]> files = files();
    Map<String, Long> onLinux = onLinux(files);
    System.out.printf(
        "%-32s %14s %7s %7s %9s %9s %9s%n",
        "", "instructions", "calls", "faults", "first ms", "then ms", "qemu ms");
    for (var program : PROGRAMS.entrySet()) {
      Cost first = run(files, program.getValue());
      long best = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        best = Math.min(best, run(files, program.getValue()).nanos);
      }
      System.out.printf(
          "%-32s %,14d %7d %7d %9d %9d %9s%n",
          program.getKey(),
          first.instructions,
          first.calls,
          first.faults,
          first.nanos / 1_000_000,
          best / 1_000_000,
          onLinux.getOrDefault(program.getKey(), -1L));
    }
  }

  private static Result result(Outcome outcome) {
    return Objects.requireNonNull(outcome.result(), outcome::story);
  }

  private static Cost run(Map<String, byte[]> files, List<String> command) {
    var all = new Laboratories(Limits.DEFAULT);
    Laboratory lab = all.open(Settings.of("bench", PrivateFileStrategy.LAZY));
    files.forEach((path, bytes) -> lab.execute(new Command.PutFile(path, 0755, bytes)));
    long faults = all.tally().faults();
    long begin = System.nanoTime();
    Command start = new Command.Start(command.getFirst(), command, List.of("PATH=/bin"), null);
    int pid = ((Result.Pid) result(lab.execute(start))).pid();
    lab.execute(new Command.Input(pid, new byte[0], true));
    long instructions = 0;
    RunEnd end;
    do {
      Command run = new Command.Run(pid, MOST_INSTRUCTIONS, Reason.EXIT, null);
      end = ((Result.Ran) result(lab.execute(run))).end();
      instructions += end.instructions();
    } while (end.reason() == Reason.TIME);
    long nanos = System.nanoTime() - begin;
    if (end.reason() != Reason.EXIT || end.status() != 0) {
      throw new IllegalStateException(command + " ended with " + end);
    }
    long calls = lab.askOfAny(pid, process -> process.trace().text()).lines().count();
    return new Cost(instructions, calls, all.tally().faults() - faults, nanos);
  }

  /** Milliseconds of each program on a real Linux; none where that cannot be had. */
  private static Map<String, Long> onLinux(Map<String, byte[]> files) throws Exception {
    Path root = Files.createTempDirectory("bench");
    for (var file : files.entrySet()) {
      Path path = root.resolve(file.getKey().substring(1));
      Files.createDirectories(Objects.requireNonNull(path.getParent()));
      Files.write(path, file.getValue());
      path.toFile().setExecutable(true);
    }
    var script = new StringBuilder("now() { busybox cut -d' ' -f1 /proc/uptime; }\n");
    PROGRAMS.forEach((name, command) -> {
      StringBuilder words = new StringBuilder();
      command.forEach(word -> words.append(" '").append(word.replace("'", "'\\''")).append("'"));
      script.append("%s >/dev/null\nt=$(now)\n".formatted(words));
      String rounds = "for i in $(busybox seq %d); do".formatted(ROUNDS_ON_LINUX);
      script.append(
          "%s%s >/dev/null; done\necho \"%s|$t|$(now)\"\n".formatted(rounds, words, name));
    });
    var builder = new ProcessBuilder("scripts/run-on-linux", root.toString(), script.toString());
    Process qemu = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Map<String, Long> found = new LinkedHashMap<>();
    String output = new String(qemu.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    for (String line : output.lines().toList()) {
      String[] words = line.split("\\|");
      if (words.length == 3) {
        double seconds = Double.parseDouble(words[2]) - Double.parseDouble(words[1]);
        found.put(words[0], Math.round(seconds * 1000 / ROUNDS_ON_LINUX));
      }
    }
    return found;
  }
}
