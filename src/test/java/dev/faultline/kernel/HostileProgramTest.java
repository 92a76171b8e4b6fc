package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.GuestLab.Ended;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that take whatever they get reach a limit, and another program runs as before. */
class HostileProgramTest {
  private static final String PROGRAM = "/bin/hostile.elf";

  private final GuestLab guest = new GuestLab(TestLab.lazy());

  private void putPrograms() {
    guest
        .putMusl()
        .put(PROGRAM, Programs.file("hostile"))
        .put("/bin/hello", Programs.file("hello"));
  }

  private void anotherProgramRuns() {
    assertThat(guest.finish(guest.start(List.of(), "/bin/hello")).end().status()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "directories, ENOSPC",
    "depth, ENOSPC",
    "symlinks, ENOSPC",
    "descriptors, EMFILE",
  })
  void takingWithoutEnd_isRefusedByALimit(String what, Errno errno) {
    putPrograms();
    Ended ended = guest.finish(guest.start(List.of(), PROGRAM, what));
    assertThat(ended.output()).startsWith("%s: error %d after ".formatted(what, errno.number()));
    anotherProgramRuns();
  }

  @Test
  void programThatOverwritesItself_isKilled() {
    putPrograms();
    Ended ended = guest.finish(guest.start(List.of(), PROGRAM, "corruption"));
    assertThat(ended.end().status()).isEqualTo(128 + 4);
    anotherProgramRuns();
  }
}
