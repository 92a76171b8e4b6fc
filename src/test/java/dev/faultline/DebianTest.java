package dev.faultline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class DebianTest {
  @Test
  void musl_isAnElfFileForRiscV64() throws IOException {
    var header = Files.readAllBytes(Debian.file("musl", "usr/lib/ld-musl-riscv64.so.1"));
    assertThat(header).startsWith(0x7f, 'E', 'L', 'F', 2);
    assertThat(header[18] & 0xff).as("e_machine, EM_RISCV").isEqualTo(243);
  }
}
