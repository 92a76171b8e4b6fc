package dev.faultline.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BareMetalTest {
  private static final String PROGRAMS = "src/test/resources/baremetal/";
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
      strings = {"code.elf", "interrupts.elf", "modes.elf", "paging.elf", "pmp.elf", "traps.elf"})
  void program_passes(String name) {
    assertThat(run(PROGRAMS + name)).as(output()).isZero();
    assertThat(output()).isEqualTo("PASS " + PROGRAMS + name + "\n");
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
    assertThat(output())
        .contains("reads satp: the root table is frame 0x80008, 3 levels")
        .contains("a leaf for frame 0x80004")
        .contains("page fault because of W without R")
        .contains("page fault because of misaligned")
        .contains("access fault")
        .contains("sets A and D as needed");
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
    assertThat(output()).startsWith("ERROR ").contains("cannot be read").hasLineCount(1);
  }
}
