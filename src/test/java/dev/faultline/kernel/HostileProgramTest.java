package dev.faultline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.Programs;
import dev.faultline.kernel.GuestLab.Ended;
import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.lab.Limits;
import dev.faultline.lab.Settings;
import dev.faultline.lab.SmallLimits;
import dev.faultline.lab.TestLab;
import dev.faultline.log.Errno;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that take whatever they get reach a limit, and another program runs as before. */
@Execution(ExecutionMode.CONCURRENT)
class HostileProgramTest {
  private static final String PROGRAM = "/bin/hostile.elf";

  private static final int STRINGS = 4096;

  private final GuestLab guest =
      new GuestLab(
          TestLab.open(
              Settings.of("hostile", PrivateFileStrategy.LAZY),
              SmallLimits.with(Limits.DEFAULT, "strings", STRINGS)));

  private void putPrograms() {
    guest.putMusl().put(PROGRAM, Programs.file("hostile"));
  }

  /** It is put only now: there must be room for its name. */
  private void anotherProgramRuns() {
    guest.put("/bin/hello", Programs.file("hello"));
    assertThat(guest.finish(guest.start(List.of(), "/bin/hello")).end().status()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "directories, ENOSPC",
    "depth, ENOSPC",
    "symlinks, ENOSPC",
    "mappings, ENOMEM",
    "descriptors, EMFILE",
  })
  void takingWithoutEnd_isRefusedByALimit(String what, Errno errno) {
    putPrograms();
    Ended ended = guest.finish(guest.start(List.of(), PROGRAM, what));
    assertThat(ended.output()).startsWith("%s: error %d after ".formatted(what, errno.number()));
    anotherProgramRuns();
  }

  @Test
  void namesWithoutEnd_leaveRoomForThoseOfCommands() {
    putPrograms();
    Ended ended = guest.finish(guest.start(List.of(), PROGRAM, "names"));
    assertThat(ended.output()).isEqualTo("names: error 2 after 20000\n");
    int strings = guest.lab().laboratory().ask(kernel -> kernel.strings().count());
    assertThat(strings).isLessThan(STRINGS - STRINGS / 16);
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
