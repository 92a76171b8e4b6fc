package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Debian;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.kernel.fs.Console;
import dev.faultline.lab.Command;
import dev.faultline.lab.Result;
import dev.faultline.lab.TestLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unmodified programs of Debian for riscv64, under the real dynamic loaders. */
@Execution(ExecutionMode.CONCURRENT)
class DebianProgramsTest {
  private static final String LIBRARIES = "usr/lib/riscv64-linux-gnu/";

  private final TestLab lab = TestLab.lazy();

  private void put(String path, String packageName, String file) {
    try {
      byte[] bytes = Files.readAllBytes(Debian.file(packageName, file));
      lab.laboratory().execute(new Command.PutFile(path, 0755, bytes));
    } catch (IOException exception) {
      throw new IllegalStateException(exception);
    }
  }

  private void putLibrary(String name, String packageName) {
    put("/lib/riscv64-linux-gnu/" + name, packageName, LIBRARIES + name);
  }

  private void putGlibc() {
    put("/lib/ld-linux-riscv64-lp64d.so.1", "libc6", LIBRARIES + "ld-linux-riscv64-lp64d.so.1");
    putLibrary("libc.so.6", "libc6");
    putLibrary("libm.so.6", "libc6");
  }

  private String run(String... arguments) {
    Command start = new Command.Start(arguments[0], List.of(arguments), List.of("PATH=/bin"), null);
    int pid = ((Result.Pid) Objects.requireNonNull(lab.run(start).result())).pid();
    lab.run(new Command.Input(pid, new byte[0], true));
    RunEnd end = runOn(pid);
    while (end.reason() == Reason.TIME) {
      end = runOn(pid);
    }
    Console console =
        lab.laboratory().askOfAny(pid, process -> Objects.requireNonNull(process.console()));
    assertThat(end.reason())
        .as(new String(console.errors(), StandardCharsets.UTF_8))
        .isEqualTo(Reason.EXIT);
    return new String(console.output(), StandardCharsets.UTF_8);
  }

  private RunEnd runOn(int pid) {
    var outcome = lab.run(new Command.Run(pid, 500_000_000, Reason.EXIT, null));
    return ((Result.Ran) Objects.requireNonNull(outcome.result(), outcome::story)).end();
  }

  @Test
  void staticBusybox_runsAShellWithPipes() {
    put("/bin/busybox", "busybox-static", "usr/bin/busybox");
    assertThat(run("/bin/busybox", "sh", "-c", "echo one two | busybox wc -w; busybox uname -m"))
        .isEqualTo("2\nriscv64\n");
  }

  @Test
  void dash_forksAndWaits() {
    putGlibc();
    put("/bin/dash", "dash", "usr/bin/dash");
    assertThat(run("/bin/dash", "-c", "x=$(echo inner); (exit 3); echo $x $?; echo end"))
        .isEqualTo("inner 3\nend\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "print(1/3, math.pi, 2^53, 10//3, -7%3, 1e308*10)",
        "local t={} for i=1,2000 do t[i]=(i*7919)%1000 end table.sort(t) print(t[1],t[2000],#t)",
        "print(string.format('%5.2f|%x|%s', 2.5, 255, ('ab'):rep(3)), select('#', 1, nil))",
        "print(pcall(error, 'oops')) print(#string.rep('x', 100000))",
      })
  void lua_printsWhatQemuPrints(String script) throws Exception {
    putGlibc();
    put("/bin/lua5.4", "lua5.4", "usr/bin/lua5.4");
    putLibrary("liblua5.4.so.0", "liblua5.4-0");
    putLibrary("libreadline.so.8", "libreadline8t64");
    putLibrary("libtinfo.so.6", "libtinfo6");
    assertThat(run("/bin/lua5.4", "-e", script))
        .isEqualTo(underQemu("lua5.4", "usr/bin/lua5.4", "-e", script));
  }

  @Test
  void sqlite_insertsAndQueries() {
    putGlibc();
    put("/bin/sqlite3", "sqlite3", "usr/bin/sqlite3");
    putLibrary("libsqlite3.so.0", "libsqlite3-0");
    putLibrary("libreadline.so.8", "libreadline8t64");
    putLibrary("libtinfo.so.6", "libtinfo6");
    putLibrary("libz.so.1", "zlib1g");
    String sql =
        "create table t(a integer primary key, b text); begin; with recursive n(i) as (select 1"
            + " union all select i + 1 from n where i < 1000) insert into t select i, 'row ' || i"
            + " from n; commit; select count(*), sum(a), max(b) from t;";
    assertThat(run("/bin/sqlite3", "/tmp/data.db", sql)).isEqualTo("1000|500500|row 999\n");
    assertThat(run("/bin/sqlite3", "/tmp/data.db", "select b from t where a = 77;"))
        .isEqualTo("row 77\n");
  }

  private static String underQemu(String packageName, String program, String... arguments)
      throws Exception {
    Path file = Debian.file(packageName, program);
    List<String> command = new ArrayList<>(List.of("qemu-riscv64"));
    Path loader = Debian.file("libc6", LIBRARIES + "ld-linux-riscv64-lp64d.so.1");
    command.addAll(
        List.of(
            loader.toString(),
            "--library-path",
            Objects.requireNonNull(loader.getParent()).toString(),
            file.toString()));
    command.addAll(List.of(arguments));
    var qemu = new ProcessBuilder(command).redirectErrorStream(true).start();
    qemu.getOutputStream().close();
    String output = new String(qemu.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    qemu.waitFor();
    return output;
  }
}
