package dev.faultline.machine.hart;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code qemu-riscv64} makes of sequences: one process runs them all. */
final class QemuOracle implements AutoCloseable {
  private static final Path QEMU = Path.of("/usr/bin/qemu-riscv64");
  private static final String PROGRAM = "src/test/resources/differential/oracle.elf";
  private static final int BUFFER = 1 << 16;

  private final Process process;
  private final DataInputStream results;

  static boolean isInstalled() {
    return Files.isExecutable(QEMU);
  }

  /** Starts on the sequences of some seeds; their results are read one by one. */
  QemuOracle(long firstSeed, int count) throws IOException {
    process =
        new ProcessBuilder(QEMU.toString(), PROGRAM)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    results = new DataInputStream(new BufferedInputStream(process.getInputStream(), BUFFER));
    Thread.ofVirtual().start(() -> feed(firstSeed, count));
  }

  private void feed(long firstSeed, int count) {
    try (OutputStream out = new BufferedOutputStream(process.getOutputStream(), BUFFER)) {
      for (int i = 0; i < count; i++) {
        out.write(Sequence.random(firstSeed + i).bytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Registers, fcsr and data as the next sequence leaves them. */
  byte[] next() throws IOException {
    byte[] result = new byte[SequenceRunner.RESULT];
    results.readFully(result);
    return result;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
