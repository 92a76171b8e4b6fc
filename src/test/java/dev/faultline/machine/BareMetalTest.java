package dev.faultline.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.faultline.Missing;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class BareMetalTest {
  private static final String PROGRAMS = "src/test/resources/baremetal/";
  private static final Path QEMU = Path.of("/usr/bin/qemu-system-riscv64");
  private static final int PROGRAM_HEADERS = 64;

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return BareMetal.run(new PrintStream(out, true, StandardCharsets.UTF_8), arguments);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code.elf",
        "exact.elf",
        "interrupts.elf",
        "modes.elf",
        "paging.elf",
        "pmp.elf",
        "tlb.elf",
        "traps.elf"
      })
  void program_passes(String name) {
    assertThat(run(PROGRAMS + name)).as(output()).isZero();
    assertThat(output()).isEqualTo("PASS " + PROGRAMS + name + "\n");
  }

  /** All but {@code exact.S} and {@code tlb.S}, which say where QEMU does otherwise. */
  @ParameterizedTest
  @ValueSource(
      strings = {"code.elf", "interrupts.elf", "modes.elf", "paging.elf", "pmp.elf", "traps.elf"})
  void program_passesOnQemuToo(String name) throws IOException, InterruptedException {
    if (!Files.isExecutable(QEMU)) {
      throw Missing.thing("no qemu-system-riscv64: install Debian's qemu-system-misc", null);
    }
    String options = "-M spike -m 64M -nographic -bios none -kernel " + PROGRAMS + name;
    var command = new ArrayList<>(List.of(options.split(" ")));
    command.addFirst(QEMU.toString());
    Process qemu =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("qemu.txt").toFile())
            .start();
    try {
      assertThat(qemu.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
      assertThat(qemu.exitValue()).as("the check that failed").isZero();
    } finally {
      qemu.destroyForcibly();
    }
  }

  @Test
  void program_thatFails_isReportedAfterItsConsole() {
    assertThat(run(PROGRAMS + "console.elf", PROGRAMS + "traps.elf")).isEqualTo(1);
    assertThat(output())
        .isEqualTo(
            "Hello, host\nFAIL %sconsole.elf 3\nPASS %straps.elf\n".formatted(PROGRAMS, PROGRAMS));
  }

  @Test
  void program_thatNeverEnds_timesOut() {
    assertThat(run("--limit=10", PROGRAMS + "paging.elf")).isEqualTo(1);
    assertThat(output()).isEqualTo("TIMEOUT " + PROGRAMS + "paging.elf\n");
  }

  @Test
  void pagingSteps_tellEachWalk() {
    assertThat(run("--paging-steps", PROGRAMS + "paging.elf")).isZero();
    assertThat(output().replaceAll(" +", " ").lines().map(String::strip))
        .contains("translates 0x5000 for a load in S-mode")
        .contains("looks for page 0x5000, ASID 0, in TLB set 5: miss")
        .contains("1 reads satp: the root table is frame 0x80006, 3 levels")
        .contains(
            "2-4 reads L2[0] at 0x80006000: 0x20001401, a pointer to the table in frame 0x80005")
        .contains("2-5 reads L0[5] at 0x80004028: 0x200008cf, a leaf for frame 0x80002, VRWX--AD")
        .contains("2-3 reads L0[5] at 0x80004028: 0x20000800, page fault because of V")
        .contains("2-3 reads L0[5] at 0x80004028: 0x200008c5, page fault because of W without R")
        .contains(
            "2-3 reads L0[5] at 0x80004028: 0x400000200008cf, page fault because of reserved bit"
                + " 54")
        .contains("8 bit W of the entry (VR----AD) forbids this store: page fault")
        .contains("6 bit U of the entry (VRWXU-AD) forbids this load: page fault")
        .contains("9 bit A of the entry (VRW-----) forbids this load: page fault")
        .contains("10 finds the physical address 0x80002000")
        .anyMatch(line -> line.startsWith("9 sets A and D as needed in the entry at 0x80004028"))
        .anyMatch(line -> line.endsWith("page fault because of a misaligned superpage"))
        .anyMatch(line -> line.startsWith("traps from M-mode to M-mode: load page fault"));
  }

  @Test
  void pagingSteps_areBounded() {
    assertThat(run("--paging-steps", "--limit=2000000", PROGRAMS + "endless.elf")).isEqualTo(1);
    List<String> lines = output().lines().toList();
    assertThat(lines.size()).as("the console's, those, and two more").isEqualTo(100_003);
    assertThat(lines.subList(100_001, 100_003))
        .containsExactly(
            "  (after 100000 lines the rest is not shown)", "TIMEOUT " + PROGRAMS + "endless.elf");
  }

  @Test
  void verdict_beginsALine_whereverTheConsoleStands() {
    run(PROGRAMS + "endless.elf", "--limit=100000");
    assertThat(output()).isEqualTo("half a line\nTIMEOUT " + PROGRAMS + "endless.elf\n");
  }

  @Test
  void noFile_isAUsageError() {
    assertThat(run()).isEqualTo(2);
    assertThat(output()).startsWith("usage: ");
  }

  private void assertError(byte[] bytes, String expected) throws IOException {
    Path file = folder.resolve("malformed.elf");
    Files.write(file, bytes);
    out.reset();
    assertThat(run(file.toString())).isEqualTo(1);
    assertThat(output()).startsWith("ERROR " + file + " ").contains(expected).hasLineCount(1);
  }

  private byte[] changed(Consumer<ByteBuffer> change) throws IOException {
    byte[] bytes = Files.readAllBytes(Path.of(PROGRAMS + "code.elf"));
    change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return bytes;
  }

  /** Where the program header of the nth segment to load is. */
  private static int segment(ByteBuffer file, int nth) {
    int found = 0;
    for (int at = PROGRAM_HEADERS; ; at += 56) {
      if (file.getInt(at) == 1 && found++ == nth) {
        return at;
      }
    }
  }

  @Test
  void malformedFile_isOneClearLine() throws IOException {
    assertError(new byte[0], "not an ELF file");
    assertError("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8), "not an ELF file");
    assertError(changed(file -> file.put(4, (byte) 1)), "not a 64-bit ELF file");
    assertError(changed(file -> file.put(5, (byte) 2)), "not little-endian");
    assertError(changed(file -> file.putShort(18, (short) 62)), "another machine: 62");
    assertError(changed(file -> file.putShort(16, (short) 1)), "not an executable");
    assertError(changed(file -> file.putShort(56, (short) 0)), "no program headers");
    assertError(changed(file -> file.putShort(54, (short) 32)), "program headers of 32 bytes");
    assertError(changed(file -> file.putLong(32, -1)), "truncated: program headers");
    assertError(changed(file -> file.putLong(24, 0x1000)), "entry 0x1000 lies in none");
    assertError(changed(file -> file.putLong(24, 0x8000_0001L)), "is odd");
    assertError(changed(file -> file.putLong(40, 1L << 40)), "truncated: section headers");
    assertError(changed(file -> file.putShort(60, (short) 0)), "no symbol tohost");
  }

  @Test
  void fileThatIsNone_isOneClearLine() throws IOException {
    assertThat(run(folder.toString())).isEqualTo(1);
    assertThat(output()).isEqualTo("ERROR %s is a directory\n".formatted(folder));
    out.reset();
    assertThat(run("/dev/zero")).isEqualTo(1);
    assertThat(output()).isEqualTo("ERROR /dev/zero is no regular file\n");
    out.reset();
    assertThat(run("no\0name")).isEqualTo(1);
    assertThat(output()).startsWith("ERROR ").hasLineCount(1);
    out.reset();
    Path huge = folder.resolve("huge.elf");
    try (var file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertThat(run(huge.toString())).isEqualTo(1);
    assertThat(output())
        .isEqualTo(
            "ERROR %s too large: %d bytes, of at most 268435456\n".formatted(huge, 1L << 40));
  }

  @Test
  void unreadableFile_isOneClearLine() throws IOException {
    Path file = folder.resolve("secret.elf");
    Files.copy(Path.of(PROGRAMS + "code.elf"), file);
    Files.setPosixFilePermissions(file, Set.of());
    assumeFalse(Files.isReadable(file), "root may read every file");
    assertThat(run(file.toString())).isEqualTo(1);
    assertThat(output()).isEqualTo("ERROR %s cannot be read: permission denied\n".formatted(file));
  }

  @Test
  void malformedSegment_isOneClearLine() throws IOException {
    assertError(
        changed(file -> file.putLong(segment(file, 1) + 24, 0x8000_0000L)), "segments overlap at");
    assertError(
        changed(file -> file.putLong(segment(file, 0) + 24, 0x1000)), "lies outside of memory");
    assertError(
        changed(file -> file.putLong(segment(file, 0) + 40, 1L << 62)), "lies outside of memory");
    assertError(changed(file -> file.putLong(segment(file, 0) + 40, 1)), "in memory");
    assertError(changed(file -> file.putLong(segment(file, 0) + 8, -8)), "truncated: a segment");
  }

  @Test
  void everyTruncation_isOneLine() throws IOException {
    byte[] whole = Files.readAllBytes(Path.of(PROGRAMS + "traps.elf"));
    for (int length = 0; length < whole.length; length += 97) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      Path file = folder.resolve("cut.elf");
      Files.write(file, cut);
      out.reset();
      assertThat(run(file.toString())).isEqualTo(1);
      assertThat(output()).startsWith("ERROR " + file + " ").hasLineCount(1);
    }
  }

  @Test
  void missingFile_isOneClearLine() {
    assertThat(run(folder.resolve("none.elf").toString())).isEqualTo(1);
    assertThat(output()).startsWith("ERROR ").endsWith("none.elf no such file\n").hasLineCount(1);
  }
}
