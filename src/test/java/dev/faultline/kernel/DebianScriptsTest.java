package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.GuestLab.Ended;
import dev.faultline.kernel.RunEnd.Reason;
import dev.faultline.lab.TestLab;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts for unmodified programs of Debian write what they write on a real riscv64 Linux. */
@Execution(ExecutionMode.CONCURRENT)
class DebianScriptsTest {
  private final GuestLab guest = new GuestLab(TestLab.lazy());

  /** Files of Debian's packages by a list of them: the package, and a path there and here. */
  private void putFiles(String list) {
    String text = new String(Programs.bytes(list), StandardCharsets.UTF_8);
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", -1);
      guest.putAll("/" + words[2], words[0], words[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dash",
        "bash",
        "coreutils",
        "coreutils-rest",
        "busybox",
        "applets",
        "lua",
        "sqlite",
        "perl",
        "tools",
        "programs",
        "python"
      })
  void script_writesWhatItWritesOnLinux(String name) {
    check(name);
  }

  /** Python compiles half of its library for this: two billion instructions. */
  @Test
  @EnabledIfSystemProperty(named = "faultline.long", matches = "true")
  void asyncioAndSqliteOfPython_writeWhatTheyWriteOnLinux() {
    check("asyncio");
  }

  private void check(String name) {
    putFiles("debian/files");
    if (Programs.has("debian/" + name + ".files")) {
      putFiles("debian/" + name + ".files");
    }
    guest.put("/scripts/" + name + ".sh", Programs.bytes("debian/" + name + ".sh"));
    Ended ended =
        guest.finish(
            guest.start(
                List.of("PATH=/bin", "HOME=/"),
                "/bin/sh",
                "-c",
                "exec /bin/sh /scripts/" + name + ".sh 2>&1 </dev/null"));
    assertThat(ended.end().reason()).isEqualTo(Reason.EXIT);
    assertThat(ended.output()).isEqualTo(RealLinux.recorded("debian/" + name + ".out"));
  }
}
