package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.GuestLab.Ended;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Cursor;
import dev.faultline.log.Errno;
import dev.faultline.log.RecordType;
import dev.faultline.log.StepKind;
import dev.faultline.log.Table.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A program with a second shared library under the real loader of musl, held to what a real riscv64
 * Linux did with the same files.
 */
class LibraryProgramTest {
  private static final long STACK = 0x3f_ffff_0000L - (8L << 20);
  private static final long LIBRARY_TEXT = 0x3f_f7f4_e000L;

  /** A call as {@code strace -e raw=all} prints it. */
  private static final Pattern RAW =
      Pattern.compile("(\\w+)\\(([^)]*)\\) += (?:(0x\\w+|0|\\?)|-1 (E\\w+).*)");

  private final GuestLab guest = new GuestLab(TestLab.lazy());

  @BeforeEach
  void putProgram() {
    guest.putMusl();
    guest.put("/lib/libfoo.so", Programs.bytes("libfoo.so"));
    guest.put("/bin/library.elf", Programs.file("library"));
  }

  private int start(String... more) {
    List<String> arguments = new ArrayList<>(List.of("/bin/library.elf"));
    arguments.addAll(List.of(more));
    return guest.start(List.of(), arguments.toArray(String[]::new));
  }

  @Test
  void program_printsItsLine() {
    Ended ended = guest.finish(start());
    assertThat(ended.output()).isEqualTo(RealLinux.recorded("library.out"));
    // 55,050 for a program like it on real Linux, which fills less memory.
    assertThat(ended.end().instructions()).isBetween(55_050L, 65_000L);
  }

  @Test
  void systemCalls_areThoseOfLinuxInOrder() {
    List<String> expected = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (String line : RealLinux.lines("library.calls")) {
      Matcher raw = RAW.matcher(line);
      if (raw.matches() && !raw.group(1).equals("execve")) {
        List<String> arguments = recordedArguments(raw.group(2));
        counts.put(raw.group(1), arguments.size());
        boolean failed = raw.group(4) != null;
        expected.add(call(raw.group(1), arguments, failed ? raw.group(4) : raw.group(3)));
      }
    }
    assertThat(expected).hasSize(22);
    assertThat(calls(guest.finish(start()), counts)).isEqualTo(expected);
  }

  /** At most five, which is what the story tells. */
  private static List<String> recordedArguments(String raw) {
    return Stream.of(raw.split(", "))
        .limit(5)
        .map(word -> word(Long.parseUnsignedLong(word.replaceFirst("^0x", ""), 16)))
        .toList();
  }

  private static String call(String name, List<String> arguments, String result) {
    String told =
        switch (name) {
          case "set_tid_address" -> "its own number";
          case "exit_group" -> "?";
          default -> result;
        };
    return name + arguments + " = " + told;
  }

  /** Where on the stack something is depends on the environment. */
  private static String word(long value) {
    return Long.compareUnsigned(value, STACK) > 0 && value > 0 ? "on the stack" : hex(value);
  }

  private static String hex(long value) {
    return value == 0 ? "0" : "0x" + Long.toHexString(value);
  }

  private List<String> calls(Ended ended, Map<String, Integer> counts) {
    List<String> calls = new ArrayList<>();
    List<String> arguments = new ArrayList<>();
    Cursor cursor = guest.lab().laboratory().log().cursor(ended.outcome().firstSequence() - 1);
    while (cursor.sequence() < ended.outcome().lastSequence() && cursor.next()) {
      if (cursor.type() != RecordType.STEP) {
        continue;
      }
      if (cursor.step() == StepKind.ENTERS_CALL) {
        String name = cursor.strings().text((int) cursor.argument(0));
        arguments = new ArrayList<>();
        for (int i = 1; i <= counts.getOrDefault(name, 5); i++) {
          arguments.add(word(cursor.argument(i)));
        }
      } else if (cursor.step() == StepKind.LEAVES_CALL) {
        String name = cursor.strings().text((int) cursor.argument(0));
        long result = cursor.argument(1);
        calls.add(call(name, arguments, result < 0 ? Errno.name(-result) : hex(result)));
      }
    }
    return calls;
  }

  @Test
  void maps_areThoseOfLinux() {
    String output = guest.finish(start("/proc/self/maps")).output();
    assertThat(output.lines().map(LibraryProgramTest::withoutFile))
        .isEqualTo(
            RealLinux.lines("library.maps").stream().map(LibraryProgramTest::withoutFile).toList());
  }

  /** A line of maps without device and inode, which are each system's own. */
  private static String withoutFile(String line) {
    return line.replaceFirst(" \\w\\w:\\w\\w \\d+ *", " ").strip();
  }

  /** What does not depend on fault-around, or on how a file system in memory counts its pages. */
  private static List<String> sizes(String smaps) {
    return smaps
        .lines()
        .filter(line -> SIZES.matcher(line).find())
        .map(LibraryProgramTest::withoutFile)
        .toList();
  }

  private static final Pattern SIZES =
      Pattern.compile(
          "^\\w+-|^(Size|KernelPageSize|Anonymous|KSM|LazyFree|AnonHugePages|Swap|SwapPss|Locked|THPeligible):");

  @Test
  void smaps_areThoseOfLinux() {
    String output = guest.finish(start("/proc/self/smaps")).output();
    assertThat(sizes(output)).isEqualTo(sizes(RealLinux.recorded("library.smaps")));
    List<String> lines = output.lines().map(line -> line.replaceAll(" +", " ")).toList();
    int mapping = lines.indexOf("3ff7f3f000-3ff7f41000 rw-p 00000000 08:01 5 /lib/libfoo.so");
    assertThat(lines.subList(mapping, mapping + 13)).contains("Rss: 8 kB", "Anonymous: 4 kB");
  }

  @Test
  void twoProcesses_shareTheFramesOfTheLibrarysText() {
    int first = start("/proc/self/maps");
    int second = start("/proc/self/maps");
    TestLab lab = guest.lab();
    // Until both have their library and are about to end.
    for (int pid : List.of(first, second)) {
      guest.runUntilItWrites(pid);
    }
    long frame = lab.frameOf(first, LIBRARY_TEXT);
    assertThat(frame).isNotZero().isEqualTo(lab.frameOf(second, LIBRARY_TEXT));
    // The page cache, and for each its text and its own mapping of the file's first page.
    assertThat(lab.frame(frame, Frame.REFS)).isEqualTo(5);
  }
}
