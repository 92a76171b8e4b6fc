package dev.faultline.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.faultline.kernel.mm.PrivateFileStrategy;
import dev.faultline.log.FoldedState;
import dev.faultline.log.Table;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** More processes come and go in a laboratory than there are numbers for them. */
@Execution(ExecutionMode.CONCURRENT)
class ReusedNumbersTest {
  private static final int NUMBERS = 32_768;

  private final Laboratory lab =
      new Laboratories(Limits.DEFAULT).open(Settings.of("numbers", PrivateFileStrategy.LAZY));

  private int spawn() {
    Result result = Objects.requireNonNull(lab.execute(new Command.Spawn("p")).result());
    return ((Result.Pid) result).pid();
  }

  /** Equal to what the live machine has, by the audit. */
  private FoldedState state() {
    assertThat(lab.audit().violations()).isEmpty();
    FoldedState state = lab.log().oldestState();
    state.advance(lab.log(), lab.log().head());
    return state;
  }

  @Test
  void numbers_areGivenAgainButNeverTwiceAtATime() {
    Set<Integer> living = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      living.add(spawn());
    }
    int last = 0;
    while (last < NUMBERS - 1) {
      last = spawn();
      if (last == 301) {
        living.add(last);
      } else {
        lab.execute(new Command.Exit(last, 0));
      }
    }
    int again = spawn();
    assertThat(again).isEqualTo(300);
    assertThat(spawn()).as("301 lives").isEqualTo(302);
    lab.execute(new Command.Mmap(again, 0x10000000, 4096, 3, 0x32, -1, 0));
    lab.execute(new Command.Write(again, 0x10000000, new byte[] {1}));
    FoldedState state = state();
    for (int pid : living) {
      assertThat(state.rows(Table.PROCESS).contains(pid)).as("process %d", pid).isTrue();
    }
    assertThat(state.rows(Table.PROCESS).get(again, Table.Process.STATE)).isZero();
    assertThat(state.rows(Table.VMA).size()).isEqualTo(1);
  }
}
