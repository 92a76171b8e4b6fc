package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.lab.Command;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files of {@code /proc}, as a program reads them here and read them on a real Linux. */
@Execution(ExecutionMode.CONCURRENT)
class ProcFilesTest {
  private static final String PROGRAM = "/bin/procfs.elf";

  private final GuestLab guest = new GuestLab(TestLab.lazy());

  /** Each file's text, by its name. */
  private static Map<String, String> files(String output) {
    Map<String, String> files = new LinkedHashMap<>();
    for (String part : output.split("(?m)^?=== ", -1)) {
      int end = part.indexOf('\n');
      if (end > 0) {
        files.put(part.substring(0, end), part.substring(end + 1));
      }
    }
    return files;
  }

  private static final Map<String, String> RECORDED = files(RealLinux.recorded("procfs.out"));

  private Map<String, String> here() {
    guest.putMusl().put(PROGRAM, Programs.file("procfs"));
    return files(guest.finish(guest.start(List.of(), PROGRAM, "one", "two words")).output());
  }

  private static String recorded(String file) {
    return Objects.requireNonNull(RECORDED.get(file), file);
  }

  /** What depends on the machine or on what ran before, not on the program. */
  private static final Set<String> OTHER_LINES =
      Set.of(
          "Tgid",
          "Pid",
          "PPid",
          "NStgid",
          "NSpid",
          "NSpgid",
          "NSsid",
          "VmHWM",
          "VmRSS",
          "RssFile",
          "RssShmem",
          "SigQ",
          "nonvoluntary_ctxt_switches");

  private static String label(String line) {
    return line.substring(0, Math.max(line.indexOf(':'), 0));
  }

  private static List<String> status(String text) {
    return text.lines()
        .map(line -> OTHER_LINES.contains(label(line)) ? label(line) : line)
        .toList();
  }

  private static List<String> labels(String text) {
    return text.lines().map(ProcFilesTest::label).toList();
  }

  /** Fields of {@code stat} by their numbers in {@code proc_pid_stat(5)}. */
  private static List<String> stat(String text) {
    String[] fields = text.strip().split(" ");
    assertThat(fields).hasSize(52);
    return IntStream.of(2, 3, 9, 18, 20, 23, 25, 26, 27, 38, 45, 46, 47, 48, 49, 50, 51, 52)
        .mapToObj(number -> number + ": " + fields[number - 1])
        .toList();
  }

  @Test
  void files_sayWhatTheySayOnLinux() {
    Map<String, String> here = here();
    assertThat(here.keySet()).isEqualTo(RECORDED.keySet());
    for (String file : here.keySet()) {
      String text = here.getOrDefault(file, "");
      String recorded = recorded(file);
      switch (file) {
        case "self/status" -> assertThat(status(text)).isEqualTo(status(recorded));
        case "self/stat" -> assertThat(stat(text)).isEqualTo(stat(recorded));
        case "self/limits" ->
            assertThat(text)
                .isEqualTo(recorded.replaceAll("1718                ", "unlimited           "));
        case "auxv" ->
            // The vDSO, the sizes of caches and of rseq are not told.
            assertThat(recorded.lines()).containsSubsequence(text.lines().toList());
        case "meminfo", "cpuinfo", "self/io", "self/fdinfo/0" ->
            assertThat(labels(text)).as(file).isEqualTo(labels(recorded));
        case "self/statm", "uptime", "loadavg" ->
            assertThat(text.replaceAll("\\d+", "1"))
                .as(file)
                .isEqualTo(recorded.replaceAll("\\d+", "1"));
        case "stat" ->
            assertThat(text.lines().map(line -> line.split(" ")[0]))
                .isEqualTo(recorded.lines().map(line -> line.split(" ")[0]).toList());
        case "swaps" -> assertThat(text).startsWith(recorded);
        case "version", "filesystems", "self/mountinfo", "sys/kernel/osrelease" ->
            assertThat(text).as(file).isNotBlank();
        default -> assertThat(text).as(file).isEqualTo(recorded);
      }
    }
  }

  private String shell(String script) {
    guest.put("/bin/busybox", "busybox-static", "usr/bin/busybox");
    return guest.output("/bin/busybox", "sh", "-c", script);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '%',
      value = {
        "exec busybox readlink /proc/self/exe => /bin/busybox",
        "exec busybox readlink /proc/self => 1",
        "exec busybox readlink /proc/self/cwd => /",
        "cd /tmp; exec busybox ls -d /proc/self/cwd/../bin => /proc/self/cwd/../bin",
        "busybox cat /proc/1/comm /proc/$$/comm => busybox busybox",
        "exec busybox ls /proc/self/fd => 0 1 2 3",
        "echo through | busybox cat /dev/stdin => through",
        "echo out > /dev/stdout => out",
        "echo kept > /tmp/f; exec 3</tmp/f; busybox rm /tmp/f; busybox cat /dev/fd/3 => kept",
        "exec 3>/tmp/f; busybox rm /tmp/f; busybox readlink /proc/self/fd/3 => /tmp/f (deleted)",
        "exec busybox ls /proc/self/task => 1",
        "exec busybox find /proc -name task => /proc/1/task",
        "busybox find / -xdev -path '/proc/*' | busybox wc -l => 0",
        "exec busybox stat -c %d / /proc /proc/1/task/1 /tmp => 2049 22 22 2049",
        "exec busybox stat -f -c '%t %b' /proc => 9fa0 0",
        "busybox find /proc -exec busybox stat -c %i {} + | busybox sort | busybox uniq -d |"
            + " busybox wc -l => 0",
        "exec busybox grep -E '^(Name|Tgid|Pid|State)' /proc/1/task/1/status => Name: busybox"
            + " State: R (running) Tgid: 1 Pid: 1",
        "busybox cat /proc/1/cmdline | busybox tr '\\0' ' ' | busybox head -c 16 => /bin/busybox"
            + " sh",
        "busybox cat /proc/self/maps | busybox head -n 1 | busybox cut -c1-8 => 00010000",
        "busybox mkdir /proc/x 2>&1 => mkdir: can't create directory '/proc/x': No such file or"
            + " directory",
        "busybox rm -f /proc/version 2>&1 => rm: can't remove '/proc/version': Operation not"
            + " permitted",
        "busybox cat /proc/99/comm 2>&1 => cat: can't open '/proc/99/comm': No such file or"
            + " directory",
        "busybox echo x 2>&1 >/dev/full; echo $? => echo: write error: No space left on device 1",
        "busybox head -c 5 /dev/urandom | busybox wc -c => 5",
        "busybox sleep 9 & exec 3</proc/$!/stat; kill -STOP $!; busybox sleep 1; read p c state"
            + " rest <&3; echo $state; kill -9 $! => T",
        "busybox sleep 9 & exec 3</proc/$!/maps; kill -9 $!; wait $! 2>/dev/null;"
            + " busybox cat <&3 2>&1 => cat: read error: No such process",
      })
  void shell_findsItsWayInProc(String script, String words) {
    assertThat(shell(script).replaceAll("\\s+", " ").strip()).isEqualTo(words);
  }

  @Test
  void endedProcess_hasItsStatusAndNoFiles() {
    TestLab lab = guest.lab();
    guest.put("/bin/hello", Programs.file("hello"));
    int parent = guest.start(List.of(), "/bin/hello");
    int child = lab.fork(parent);
    lab.exit(child);
    lab.open(parent, "/proc/%d/status".formatted(child), TestLab.RDONLY);
    Command.Open executable = new Command.Open(parent, "/proc/%d/exe".formatted(child), 0, 0);
    TestLab.assertErrno(lab.run(executable), Errno.ENOENT);
  }

  @Test
  void proc_takesNoFiles() {
    TestLab.assertErrno(
        guest.lab().run(new Command.PutFile("/proc/file", 0644, new byte[0])), Errno.ENOENT);
    TestLab.assertErrno(guest.lab().run(new Command.DeleteFile("/proc/version")), Errno.EPERM);
  }
}
