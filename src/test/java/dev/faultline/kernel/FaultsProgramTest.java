package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Debian;
import dev.faultline.Missing;
import dev.faultline.Programs;
import dev.faultline.lab.TestLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A program that faults in every way on a file that it maps, forks, cuts, moves and unmaps: it sees
 * here what it sees on a real riscv64 Linux.
 */
@Execution(ExecutionMode.CONCURRENT)
class FaultsProgramTest {
  private static final String PROGRAM = "/bin/faults.elf";

  @Test
  void program_seesWhatItSawOnLinux() {
    var guest = new GuestLab(TestLab.lazy());
    guest.putMusl().put(PROGRAM, Programs.file("faults"));
    assertThat(guest.output(PROGRAM)).isEqualTo(RealLinux.recorded("faults.out"));
  }

  @Test
  void linuxOfToday_saysWhatWasRecorded(@TempDir Path root) throws Exception {
    Debian.file("the kernel", "boot/vmlinux");
    for (String folder : new String[] {"bin", "lib"}) {
      Files.createDirectory(root.resolve(folder));
    }
    Files.copy(Debian.file("busybox-static", "usr/bin/busybox"), root.resolve("bin/busybox"));
    Files.copy(
        Debian.file("musl", "usr/lib/riscv64-linux-musl/libc.so"),
        root.resolve("lib/ld-musl-riscv64.so.1"));
    Path program = Files.write(root.resolve(PROGRAM.substring(1)), Programs.file("faults"));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    assertThat(onLinux(root, PROGRAM)).isEqualTo(RealLinux.recorded("faults.out"));
  }

  private static String onLinux(Path root, String commands) throws Exception {
    try {
      new ProcessBuilder("qemu-system-riscv64", "--version").start().waitFor();
    } catch (IOException absent) {
      throw Missing.thing("no qemu-system-riscv64 on this machine", absent);
    }
    Process linux =
        new ProcessBuilder("scripts/run-on-linux", root.toString(), commands)
            .redirectErrorStream(true)
            .start();
    String output = new String(linux.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(linux.waitFor()).as(output).isZero();
    return output;
  }
}
