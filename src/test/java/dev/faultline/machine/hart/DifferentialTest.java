package dev.faultline.machine.hart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Missing;
import dev.faultline.machine.isa.Decoder;
import dev.faultline.machine.isa.Disassembler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Random sequences of every instruction, run here and by QEMU: registers, flags and memory must
 * come out alike. The corpus holds a checksum of what QEMU made of each of its sequences, for
 * machines without QEMU; {@link #main} records it.
 */
@Execution(ExecutionMode.CONCURRENT)
class DifferentialTest {
  private static final Path CORPUS = Path.of("src/test/resources/differential/corpus.bin");
  private static final long CORPUS_SEED = 1;
  private static final long FRESH_SEED = 1_000_000;
  private static final int COUNT = 24_000;
  private static final int COMPILED = 4_000;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int AT_ONCE = 0;
  private static final long LEAST_INSTRUCTIONS = 1_000_000;

  @Test
  void sequences_endAsOnQemu() throws IOException {
    if (!QemuOracle.isInstalled()) {
      throw Missing.thing("no qemu-riscv64: install Debian's package qemu-user", null);
    }
    var runner = new SequenceRunner(NEVER);
    try (var oracle = new QemuOracle(FRESH_SEED, COUNT)) {
      for (int i = 0; i < COUNT; i++) {
        var sequence = Sequence.random(FRESH_SEED + i);
        byte[] expected = withoutX0(oracle.next());
        assertThat(withoutX0(runner.run(sequence)))
            .as(() -> describe(sequence))
            .isEqualTo(expected);
      }
    }
    assertThat(runner.retired()).isGreaterThan(LEAST_INSTRUCTIONS);
  }

  @Test
  void sequencesOfTheCorpus_endAsRecorded() throws IOException {
    IntBuffer recorded = ByteBuffer.wrap(Files.readAllBytes(CORPUS)).asIntBuffer();
    var runner = new SequenceRunner(NEVER);
    for (int i = 0; i < COUNT; i++) {
      var sequence = Sequence.random(CORPUS_SEED + i);
      assertThat(checksum(runner.run(sequence)))
          .as(() -> describe(sequence))
          .isEqualTo(recorded.get(i));
    }
    assertThat(runner.retired()).isGreaterThan(LEAST_INSTRUCTIONS);
  }

  @Test
  void compiledSequences_endAsRecorded() throws IOException {
    IntBuffer recorded = ByteBuffer.wrap(Files.readAllBytes(CORPUS)).asIntBuffer();
    for (int i = 0; i < COMPILED; i++) {
      var sequence = Sequence.random(CORPUS_SEED + i);
      assertThat(checksum(new SequenceRunner(AT_ONCE).run(sequence)))
          .as(() -> describe(sequence))
          .isEqualTo(recorded.get(i));
    }
  }

  /** Records the corpus anew, which is needed when the sequences of a seed change. */
  public static void main(String[] args) throws IOException {
    ByteBuffer corpus = ByteBuffer.allocate(Integer.BYTES * COUNT);
    try (var oracle = new QemuOracle(CORPUS_SEED, COUNT)) {
      for (int i = 0; i < COUNT; i++) {
        corpus.putInt(checksum(oracle.next()));
      }
    }
    Files.write(CORPUS, corpus.array());
  }

  private static byte[] withoutX0(byte[] result) {
    return ByteBuffer.wrap(result).putLong(0, 0).array();
  }

  private static int checksum(byte[] result) {
    var crc = new CRC32C();
    crc.update(withoutX0(result));
    return (int) crc.getValue();
  }

  private static String describe(Sequence sequence) {
    var text = new StringBuilder("the sequence");
    ByteBuffer code = ByteBuffer.wrap(sequence.code()).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; code.getShort(at) != 0; ) {
      int low = code.getShort(at);
      boolean isLong = Decoder.isLong(low);
      int insn = isLong ? code.getInt(at) : low;
      text.append("\n  ").append(Disassembler.text(insn, Sequence.CODE_ADDRESS + at));
      at += isLong ? 4 : 2;
    }
    return text.append('\n').toString();
  }
}
